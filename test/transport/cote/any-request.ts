import fc from 'fast-check'
import type { Request } from '../../../lib/transport/transport'

/** Requests to nodes of a key, for these paths, with or without each of the fields that need not be there. */
export function anyRequest (key: string, ...paths: string[]): fc.Arbitrary<Request> {
  return fc.record({
    method: fc.constantFrom('find', 'get', 'create'),
    key: fc.constant(key),
    path: fc.constantFrom(...paths),
    id: fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.string(), fc.constant(null)),
    data: fc.jsonValue(),
    params: fc.dictionary(fc.string(), fc.jsonValue()),
    deadline: fc.integer({ min: 0 }),
    trace: fc.oneof(fc.record({ traceparent: fc.string() }), fc.dictionary(fc.string(), fc.string()))
  }, { requiredKeys: ['method', 'key', 'path'] })
}
