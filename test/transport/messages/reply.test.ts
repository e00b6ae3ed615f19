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

describe('a result in a reply', () => {
  it.each([[undefined], [null], [0], ['ü'], [{ at: new Date(0), none: undefined }], [new Map([[1n, [NaN]]])]])(
    'arrives unchanged, like %p', value => {
      expect(decoded(encodeResult(value, undefined, values))).toStrictEqual([null, value])
    })

  it('arrives with the details of its reply', () => {
    const details = { dispatch: { id: 1 }, http: { status: 201 } }
    expect(decoded(encodeResult({ id: 1, password: 'x' }, details, values)))
      .toEqual([null, { id: 1, password: 'x' }, details])
  })

  it('arrives as JSON, without details, when the peer decodes nothing else', () => {
    const details = { http: { status: 201 } }
    expect(decoded(encodeResult({ at: new Date(0) }, details, json))).toEqual([null, { at: new Date(0).toJSON() }])
    expect(decoded(encodeResult(undefined, undefined, json))).toEqual([null, null])
  })

  it('is refused when it reaches the maximal size of a message', () => {
    const text = 'ü'.repeat(10)
    const bytes = Buffer.byteLength(JSON.stringify(text))
    expect(() => encodeResult(text, undefined, { ...values, maxBytes: bytes })).toThrow(RangeError)
    expect(decoded(encodeResult(text, undefined, { ...values, maxBytes: bytes + 1 }))).toEqual([null, text])
  })
})

describe('an error in a reply', () => {
  it('arrives as it was thrown', () => {
    const [error] = decoded(encodeError(new BadRequest('no', { a: 1n }), undefined, values))
    expect(error).toBeInstanceOf(BadRequest)
    expect(error).toMatchObject({ message: 'no', data: { a: 1n } })
  })

  it('arrives as an instance of its class when the peer only decodes JSON', () => {
    const [error] = decoded(encodeError(new BadRequest('no', { a: 1 }), undefined, json))
    expect(error).toBeInstanceOf(BadRequest)
    expect(error).toMatchObject({ message: 'no', data: { a: 1 } })
  })

  it('arrives with the details of its reply', () => {
    const details = { http: { status: 418 } }
    const [error, value, got] = decoded(encodeError(new Error('teapot'), details, values))
    expect([error, value, got]).toEqual([new Error('teapot'), undefined, details])
  })

  it('fails the request as not sent when the host has rejected it', () => {
    for (const format of [values, json]) {
      const [error] = decoded(encodeError(new RequestRefused(new Error('not here')), undefined, format))
      expect(error).toBeInstanceOf(RequestRefused)
      expect(error).toMatchObject({ outcome: 'not-sent', message: 'not here' })
    }
  })

  it('never exceeds the maximal message of the peer, whatever was thrown', () => {
    fc.assert(fc.property(fc.anything(), fc.integer({ min: 4_000, max: 8_000 }), (thrown, maxBytes) => {
      for (const decodesValues of [true, false]) {
        const { error, value } = encodeError(thrown, { http: thrown }, { decodesValues, maxBytes })
        const bytes = [error?.text, value?.text, value?.beside].map(text => Buffer.byteLength(text ?? ''))
        expect(bytes.reduce((sum, each) => sum + each)).toBeLessThan(maxBytes)
      }
    }), { numRuns: 300 })
  })
})

describe('an undecodable reply', () => {
  it.each<[string, EncodedReply]>([
    ['JSON that is cut off', { value: { plain: true, text: '{' } }],
    ['a table that is none', { value: { plain: false, text: '7' } }],
    ['an error that is no JSON', { error: { plain: true, text: 'oops' } }],
    ['details that are none', { value: { plain: true, text: '1', beside: '[]' } }]
  ])('fails the request with an unknown outcome, like %s', (_what, reply) => {
    const [error, ...more] = decoded(reply)
    expect(error).toBeInstanceOf(TransportError)
    expect(error).toMatchObject({ outcome: 'unknown' })
    expect(more).toEqual([])
  })
})

describe('The plain form of an error', () => {
  it.each(['name', 'message', 'code', 'className', 'data', 'errors'])(
    'becomes an error although no text can be made of its %s', field => {
      const sound = { name: 'X', message: 'text', code: 400, className: 'x', data: {}, errors: {} }
      const odd = { toString: 1, valueOf: 1 }
      const [error] = decoded({ error: { plain: true, text: JSON.stringify({ ...sound, [field]: odd }) } })
      expect(error).toBeInstanceOf(Error)
    })
})
