import { Handshake } from '../../../../lib/transport/nats/sealing/handshake'
import { Meetings } from '../../../../lib/transport/nats/sealing/meetings'

const MAX_MEETINGS = 5_000
const MAX_CANDIDATES = 8

function meetings (): Meetings<string> {
  let number = 0
  return new Meetings('own', () => `own.${++number}`)
}

describe('meetings of nodes', () => {
  it('are 5000 at most, and the oldest is forgotten', () => {
    const all = meetings()
    const first = all.with('n0').ownName
    for (let n = 1; n < MAX_MEETINGS; n++) all.with(`n${n}`)
    expect(all.with('n0').ownName).toBe(first)
    all.with('one too many')
    expect(all.with('n0').ownName).not.toBe(first)
  })

  it('keep 8 sessions of a node, and forget the one that was introduced first', () => {
    const all = meetings()
    const { offer } = new Handshake()
    const introduce = (n: number): void => {
      all.take('peer', { hello: 'hello', session: `theirs.${n}`, offer, secretId: 'id' })
    }
    for (let n = 1; n <= MAX_CANDIDATES; n++) introduce(n)
    expect(all.find('own.1', 'theirs.1')).toBeDefined()
    introduce(MAX_CANDIDATES + 1)
    expect(all.find('own.1', 'theirs.1')).toBeUndefined()
    expect(all.find('own.1', `theirs.${MAX_CANDIDATES + 1}`)).toBeDefined()
  })

  it('go on with the same keys when a session is introduced again, as they may be in use', () => {
    const all = meetings()
    const introduced = { hello: 'hello', session: 'theirs.1', offer: new Handshake().offer, secretId: 'id' }
    expect(all.take('peer', introduced)).toBe(all.take('peer', { ...introduced, offer: new Handshake().offer }))
  })

  it('are over when a session has begun', () => {
    const all = meetings()
    all.take('peer', { hello: 'hello', session: 'theirs.1', offer: new Handshake().offer, secretId: 'id' })
    all.end('own.1')
    expect(all.find('own.1', 'theirs.1')).toBeUndefined()
    expect(all.with('peer').ownName).toBe('own.2')
  })
})
