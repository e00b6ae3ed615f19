import {
  encodeRequest, fromWireRequest, RequestEncoder, toLegacyRequest
} from '../../../lib/transport/messages/request'
import { decodeValue } from '../../../lib/transport/values/decode-value'

const trace = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }
const request = { method: 'get', key: 'default', path: 'todos', id: 1, deadline: 5, trace }

describe('the trace of a request', () => {
  it('is read as it was sent, whichever way it was encoded', () => {
    for (const encoded of [encodeRequest(request), new RequestEncoder().encode(request)]) {
      expect(fromWireRequest(decodeValue(encoded).value)).toMatchObject(request)
    }
  })

  it('is left out when it is no object', () => {
    expect(fromWireRequest({ type: 'get', key: 'default', path: 'todos', trace: 'x' })).not.toHaveProperty('trace')
  })

  it('is among the headers that nodes of feathers-distributed get, in place of that of the client', () => {
    const params = { query: { a: 1 }, headers: { traceparent: 'of the client', 'x-request-id': '7' } }
    const sent = toLegacyRequest({ ...request, params })
    expect(sent).not.toHaveProperty('trace')
    expect(sent.params).toEqual({ query: { a: 1 }, headers: { ...trace, 'x-request-id': '7' } })
    expect(toLegacyRequest({ ...request, trace: undefined, params }).params).toBe(params)
  })
})
