import { BadRequest } from '@feathersjs/errors'
import fc from 'fast-check'
import { RequestRefused, TransportError, type ReplyHandler } from 'feathers-mesh/transport'
import {
  decodeReply, encodeError, encodeResult, type EncodedReply, type ReplyFormat
} from '../../../lib/transport/messages/reply'

const values: ReplyFormat = { decodesValues: true, maxBytes: 100_000 }
const json: ReplyFormat = { decodesValues: false, maxBytes: 100_000 }

/** What a handler gets of a reply. */
function decoded (reply: EncodedReply): unknown[] {
  const got: unknown[] = []
  const handler: ReplyHandler = {
    settle: (...outcome) => got.push(...outcome),
    fail: error => got.push(error)
  }
  decodeReply(reply, handler)
  return got
}

describe('A result', () => {
  it.each([[undefined], [null], [0], ['ü'], [{ at: new Date(0), none: undefined }], [new Map([[1n, [NaN]]])]])(
    'arrives as it was sent: %p', value => {
      expect(decoded(encodeResult(value, undefined, values))).toStrictEqual([null, value])
    })

  it('arrives with the details of its reply', () => {
    const details = { dispatch: { id: 1 }, http: { status: 201 } }
    expect(decoded(encodeResult({ id: 1, password: 'x' }, details, values)))
      .toEqual([null, { id: 1, password: 'x' }, details])
  })

  it('arrives as JSON has it when the peer decodes nothing else, without details', () => {
    const details = { http: { status: 201 } }
    expect(decoded(encodeResult({ at: new Date(0) }, details, json))).toEqual([null, { at: new Date(0).toJSON() }])
    expect(decoded(encodeResult(undefined, undefined, json))).toEqual([null, null])
  })

  it('is refused when it has as many bytes as a message may have', () => {
    const text = 'ü'.repeat(10)
    const bytes = Buffer.byteLength(JSON.stringify(text))
    expect(() => encodeResult(text, undefined, { ...values, maxBytes: bytes })).toThrow(RangeError)
    expect(decoded(encodeResult(text, undefined, { ...values, maxBytes: bytes + 1 }))).toEqual([null, text])
  })
})

describe('An error', () => {
  it('arrives as it was thrown', () => {
    const [error] = decoded(encodeError(new BadRequest('no', { a: 1n }), undefined, values))
    expect(error).toBeInstanceOf(BadRequest)
    expect(error).toMatchObject({ message: 'no', data: { a: 1n } })
  })

  it('arrives as an instance of its class when the peer decodes JSON only', () => {
    const [error] = decoded(encodeError(new BadRequest('no', { a: 1 }), undefined, json))
    expect(error).toBeInstanceOf(BadRequest)
    expect(error).toMatchObject({ message: 'no', data: { a: 1 } })
  })

  it('arrives with the details of its reply', () => {
    const details = { http: { status: 418 } }
    const [error, value, got] = decoded(encodeError(new Error('teapot'), details, values))
    expect([error, value, got]).toEqual([new Error('teapot'), undefined, details])
  })

  it('fails the request as not sent when it says that the host refused it', () => {
    for (const format of [values, json]) {
      const [error] = decoded(encodeError(new RequestRefused(new Error('not here')), undefined, format))
      expect(error).toBeInstanceOf(RequestRefused)
      expect(error).toMatchObject({ outcome: 'not-sent', message: 'not here' })
    }
  })

  it('never makes a message longer than the peer takes, whatever was thrown', () => {
    fc.assert(fc.property(fc.anything(), fc.integer({ min: 4_000, max: 8_000 }), (thrown, maxBytes) => {
      for (const decodesValues of [true, false]) {
        const { error, value } = encodeError(thrown, { http: thrown }, { decodesValues, maxBytes })
        const bytes = [error?.text, value?.text, value?.beside].map(text => Buffer.byteLength(text ?? ''))
        expect(bytes.reduce((sum, each) => sum + each)).toBeLessThan(maxBytes)
      }
    }), { numRuns: 300 })
  })
})

describe('A reply that cannot be decoded', () => {
  it.each<[string, EncodedReply]>([
    ['JSON that is cut off', { value: { plain: true, text: '{' } }],
    ['a table that is none', { value: { plain: false, text: '7' } }],
    ['an error that is no JSON', { error: { plain: true, text: 'oops' } }],
    ['details that are none', { value: { plain: true, text: '1', beside: '[]' } }]
  ])('fails the request with an unknown outcome: %s', (_what, reply) => {
    const [error, ...more] = decoded(reply)
    expect(error).toBeInstanceOf(TransportError)
    expect(error).toMatchObject({ outcome: 'unknown' })
    expect(more).toEqual([])
  })
})
