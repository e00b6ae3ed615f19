/** What a service can throw: errors that are far too long, or can't be read. */
import { BadRequest, FeathersError } from '@feathersjs/errors'

const LONG = 'x'.repeat(3_000_000)
/** Six bytes each in JSON. */
const ESCAPED = '\u0001'.repeat(3_000_000)

/** Getters and functions can throw what is no error, too. */
function throwNothing (): never {
  // oxlint-disable-next-line typescript/only-throw-error -- a service throws anything
  throw null
}

function withFields (fields: object): Error {
  return Object.assign(new Error('it has odd fields'), fields)
}

function withGetter (name: string): Error {
  return Object.defineProperty(new Error('it has a getter'), name, { enumerable: true, get: throwNothing })
}

/** Results that can't be sent. */
export const oddResults: Readonly<Record<string, () => unknown>> = {
  'a getter that throws null': () => ({ get odd () { return throwNothing() } }),
  'a toJSON that throws null': () => ({ toJSON: throwNothing }),
  'a proxy that can not be walked': () => new Proxy({}, { ownKeys: throwNothing, getPrototypeOf: throwNothing }),
  'a function': () => ({ odd () {} }),
  'a text beyond the bound': () => LONG
}

export const oddErrors: Readonly<Record<string, () => unknown>> = {
  'a long message': () => new Error(LONG),
  'an escaped message': () => new Error(ESCAPED),
  'a long code': () => withFields({ code: LONG }),
  'a long name': () => withFields({ name: LONG }),
  'a long name that is escaped': () => withFields({ name: ESCAPED }),
  'a long class name': () => new FeathersError('it failed', 'Odd', 499, LONG, {}),
  'long data': () => new BadRequest('it failed', { long: LONG }),
  'long errors': () => Object.assign(new BadRequest('it failed'), { errors: [LONG] }),
  'all of it at length': () => Object.assign(new FeathersError(LONG, LONG, 499, LONG, { long: LONG }), { code: LONG }),
  null: () => null,
  undefined: () => undefined,
  'a symbol': () => Symbol('thrown'),
  'a function': () => () => {},
  'a list': () => [LONG],
  'an object without a prototype': () => Object.create(null),
  'an object that is no text': () => ({ toString: throwNothing }),
  'a getter of its message': () => withGetter('message'),
  'a getter of its name': () => withGetter('name'),
  'a getter of its code': () => withGetter('code'),
  'a getter of its data': () => withGetter('data'),
  'a toJSON that throws null': () => new BadRequest('it failed', { toJSON: throwNothing }),
  'a toJSON that throws the second time': () => {
    let calls = 0
    return new BadRequest('it failed', { odd: { toJSON () { if (calls++ > 0) throwNothing() } } })
  },
  'a proxy that allows nothing': () => new Proxy(new Error('it failed'), {
    get: throwNothing, getPrototypeOf: throwNothing, has: throwNothing, ownKeys: throwNothing
  }),
  'a revoked proxy': () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    return proxy
  },
  'a cycle': () => {
    const cycle: { self?: unknown } = {}
    cycle.self = cycle
    return new BadRequest('it failed', { cycle })
  },
  'a big integer': () => withFields({ code: 10n })
}
