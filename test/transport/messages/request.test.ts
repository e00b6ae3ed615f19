import fc from 'fast-check'
import { RequestEncoder, toWireRequest } from '../../../lib/transport/messages/request'
import { anyRequest } from '../cote/any-request'

const request = anyRequest('de"fault', 'todos', 'a/b', 'x"y\u2028', '__proto__')

/** What of a request JSON says exactly: it makes 0 of -0. */
const hasMinusZero = (value: unknown): boolean =>
  Object.is(value, -0) || (typeof value === 'object' && value !== null && Object.values(value).some(hasMinusZero))

describe('a request encoder', () => {
  it('writes every request as JSON.stringify does', () => {
    const encoder = new RequestEncoder()
    fc.assert(fc.property(request.filter(each => !hasMinusZero(each)), each => {
      expect(encoder.encode(each)).toEqual({ plain: true, text: JSON.stringify(toWireRequest(each)) })
    }), { numRuns: 1_000 })
  })

  it('leaves values without JSON to the richer format', () => {
    const encoder = new RequestEncoder()
    const { plain } = encoder.encode({ method: 'get', key: 'k', path: 'todos', id: 1n })
    expect(plain).toBe(false)
  })

  it('writes each request with its own key', () => {
    const encoder = new RequestEncoder()
    for (const key of ['a', 'b', 'a', 'c']) {
      const each = { method: 'get', key, path: 'todos', id: 1 }
      expect(encoder.encode(each).text).toBe(JSON.stringify(toWireRequest(each)))
    }
  })

  it('keeps working when a peer has more methods than it can remember', () => {
    const encoder = new RequestEncoder()
    for (let n = 0; n < 2_500; n++) {
      const each = { method: 'get', key: 'k', path: `p${n}`, id: n }
      expect(encoder.encode(each).text).toBe(JSON.stringify(toWireRequest(each)))
    }
  })
})
