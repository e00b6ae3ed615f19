import fc from 'fast-check'
import { FrameParser } from '../../../../lib/transport/cote/wire/frame-parser'
import { RequestDecoder } from '../../../../lib/transport/cote/wire/request-decoder'
import { fromWireRequest, RequestEncoder } from '../../../../lib/transport/messages/request'
import { anyRequest } from '../any-request'
import { frame } from '../wire'

/** What a decoder makes of requests that come in one read. */
function decode (decoder: RequestDecoder, ...texts: string[]): unknown[] {
  const values: unknown[] = []
  const parser = new FrameParser(each => {
    try {
      values.push(decoder.decode(each))
    } catch (error) {
      values.push((error as Error).name)
    }
  }, 10_000)
  parser.push(Buffer.concat(texts.map((text, n) => frame(`j:${text}`, `s:${n}`))))
  return values
}

function parse (text: string): unknown {
  try {
    return fromWireRequest(JSON.parse(text))
  } catch {
    return 'MalformedFrame'
  }
}

const heads = [
  '{"type":"get","key":"default","path":"todos"', '{"type":"find","key":"default","path":"todos"',
  '{"type":"get","key":"default","path":"todos/comments"', '{"type":"get","key":"ä\\"","path":"ümlaut"'
]
/** A decoder that knows how these requests begin. */
function taught (): RequestDecoder {
  const decoder = new RequestDecoder()
  for (const head of heads) for (let n = 0; n < 64; n++) decode(decoder, `${head},"deadline":1}`)
  return decoder
}

const head = fc.constantFrom(...heads)
const plainId = fc.oneof(
  fc.constant(''), fc.string().map(id => `,"id":${JSON.stringify(id)}`), fc.nat().map(id => `,"id":${id}`)
)
const trace = fc.oneof(
  fc.constantFrom('', '', '{}', '"x"', '{"traceparent":5}', '{"traceparent":"a","baggage":"b"}', '{"tracestate":"a"}'),
  fc.string().map(traceparent => JSON.stringify({ traceparent }))
).map(text => text === '' ? '' : `,"trace":${text}`)
const plain = fc.tuple(head, plainId, fc.nat(), trace).map(
  ([begin, id, deadline, end]) => `${begin}${id},"deadline":${deadline}${end}}`
)

const request = anyRequest('default', 'todos', 'todos/comments', '__proto__', '{"x\u2028')

/** Texts that make something else of a request where they are put in. */
const splinter = fc.constantFrom(
  '', '"', '\\', ',', ':', '{', '}', '[', '0', '7', '-', '.5', 'e3', ' ', '\n', '\0', 'é', ',"id":1',
  ',"type":"remove"', ',"deadline":5', ',"path":"secrets"', ',"__proto__":{"x":1}', '9'.repeat(20),
  ',"trace":{"traceparent":"x"}', '"}', '"}}'
)

afterEach(() => jest.restoreAllMocks())

describe('a request decoder', () => {
  it('decodes every request of a connection as JSON.parse does', () => {
    const encoder = new RequestEncoder()
    fc.assert(fc.property(fc.array(request), requests => {
      const encoded = requests.map(each => encoder.encode(each)).filter(({ plain }) => plain)
      const texts = encoded.map(({ text }) => text)
      expect(decode(taught(), ...texts)).toEqual(texts.map(parse))
    }), { numRuns: 300 })
  })

  it('decodes requests with a known beginning and little else as JSON.parse does', () => {
    const decoder = taught()
    fc.assert(fc.property(fc.array(plain), texts => {
      expect(decode(decoder, ...texts)).toEqual(texts.map(parse))
    }), { numRuns: 500 })
  })

  it('never accepts a request that JSON.parse would read differently or reject', () => {
    const decoder = taught()
    fc.assert(fc.property(plain, splinter, fc.nat(), fc.nat(4), (text, put, place, taken) => {
      const at = place % (text.length + 1)
      const broken = text.slice(0, at) + put + text.slice(at + taken)
      // One that is whole comes behind it: nothing of that may be read for this one.
      expect(decode(decoder, broken, text)).toEqual([parse(broken), parse(text)])
    }), { numRuns: 5_000 })
  })

  it('rejects arguments that are not requests', () => {
    const decoder = taught()
    expect(decode(decoder, '7', 'null', '[]', '"text"', '{}')).toEqual(Array(5).fill(undefined))
  })

  it('stops calling JSON.parse for a method whose requests begin alike, whatever comes between them', () => {
    const decoder = new RequestDecoder()
    const get = '{"type":"get","key":"k","path":"todos","id":1,"deadline":1}'
    for (const other of ['{"type":"create","key":"k","path":"todos","data":1}', '{"type":"mesh:caller","data":{}}']) {
      for (let n = 0; n < 300; n++) decode(decoder, other, get)
    }
    const parsed = jest.spyOn(JSON, 'parse')
    decode(decoder, get, get, `${get.slice(0, -1)},"trace":{"traceparent":"00-5f-01"}}`)
    expect(parsed).not.toHaveBeenCalled()
  })

  it('does not remember requests with a long beginning', () => {
    const decoder = new RequestDecoder()
    const get = `{"type":"get","key":"k","path":"${'x'.repeat(2_000)}","id":1,"deadline":1}`
    for (let n = 0; n < 300; n++) decode(decoder, get)
    const parsed = jest.spyOn(JSON, 'parse')
    decode(decoder, get)
    expect(parsed).toHaveBeenCalledTimes(1)
  })

  it('forgets the oldest of nine beginnings', () => {
    const decoder = new RequestDecoder()
    const get = (n: number): string => `{"type":"get","key":"k","path":"p${n}","id":1,"deadline":1}`
    for (let n = 0; n < 9; n++) for (let times = 0; times < 64; times++) decode(decoder, get(n))
    const parsed = jest.spyOn(JSON, 'parse')
    decode(decoder, get(1), get(8))
    expect(parsed).not.toHaveBeenCalled()
    decode(decoder, get(0))
    expect(parsed).toHaveBeenCalledTimes(1)
  })

  it('keeps working when a peer uses more methods than it can remember', () => {
    const decoder = new RequestDecoder()
    for (let n = 0; n < 2_500; n++) {
      const text = `{"type":"get","key":"k","path":"p${n % 40}","id":${n},"deadline":1}`
      expect(decode(decoder, text)).toEqual([fromWireRequest(JSON.parse(text))])
    }
  })
})
