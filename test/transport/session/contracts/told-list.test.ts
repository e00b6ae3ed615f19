import { randomBytes } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'
import { hashed } from '../../../../lib/transport/session/contracts/contract-list'
import { MAX_TOLD_LENGTH, readToldList, tellList } from '../../../../lib/transport/session/contracts/told-list'

const tell = (text: string): string => deflateRawSync(text).toString('base64url')

describe('a list of contracts in a hello', () => {
  it.each([['[]'], ['[{"path":"todos"}]'], [`["${'ü✓'.repeat(3_000)}"]`]])('is read as it was written: %.20s', text => {
    const list = hashed(text)
    expect(readToldList(tellList(text) ?? '', list.hash)).toEqual(list)
  })

  it('is left out where it is too long, as text or deflated', () => {
    expect(tellList('x'.repeat(16_384))).toBeDefined()
    expect(tellList('x'.repeat(16_385))).toBeUndefined()
    expect(tellList('ü'.repeat(8_193))).toBeUndefined()
    expect(tellList(randomBytes(MAX_TOLD_LENGTH).toString('latin1'))).toBeUndefined()
  })

  it('is none where it has another hash than the hello tells', () => {
    expect(readToldList(tell('[]'), hashed('[1]').hash)).toBeUndefined()
    // Two texts that have the same bytes once they are written: what is read is what was hashed.
    expect(readToldList(tell('"\ud800"'), hashed('"\ud800"').hash)?.text).toBe('"\ufffd"')
  })

  it.each([
    ['nothing', ''], ['no base64', '***'], ['nothing deflated', Buffer.from('[]').toString('base64url')],
    ['one that is cut short', tell('["todos"]').slice(0, -3)],
    ['what grows beyond any list', tell('x'.repeat(16_385))]
  ])('is none where it is %s', (_what, told) => {
    expect(readToldList(told, hashed('').hash)).toBeUndefined()
  })
})
