import { setImmediate } from 'node:timers/promises'
import type { NextFunction } from '@feathersjs/feathers'
import fc from 'fast-check'
import type { Call, OpenContext, World } from './hook-world'

type Behaviour = (context: OpenContext, name: string, world: World) => unknown
type AroundBehaviour = (context: OpenContext, next: NextFunction, name: string, world: World) => unknown

/** Hooks that are registered with one call of `hooks`. */
export interface Registration {
  readonly on: 'app' | 'service'
  readonly type: string
  readonly method: string
  readonly behaviours: readonly string[]
}

const raise = (thrown: unknown): never => { throw thrown }

/** All that a before, after or error hook can do to what comes after it. */
const BEHAVIOURS: Readonly<Record<string, Behaviour>> = {
  'does nothing': () => {},
  'waits': async () => { await setImmediate() },
  'returns the context': context => context,
  'returns the context later': async context => context,
  'returns null': () => null,
  'returns false': () => false,
  'returns text': () => 'text',
  'returns a result': (_, name) => ({ result: { by: name } }),
  'returns a type': () => ({ type: 'mine' }),
  'returns what a context refuses': () => Object.freeze({ get result () { return raise(new Error('no result')) } }),
  'gives a result': (context, name) => { context.result = { by: name } },
  'gives undefined': context => { context.result = undefined },
  'gives null': context => { context.result = null },
  'gives a promise': (context, name) => { context.result = Promise.resolve(name) },
  'takes the result': context => { delete context.result },
  'changes params': (context, name) => { context.params = { by: name } },
  'changes the first argument': (context, name) => { context.arguments[0] = name },
  'replaces the arguments': (context, name) => { context.arguments = [name, {}] },
  'takes the arguments': context => { context.arguments = undefined as unknown as unknown[] },
  'sets a status': context => { context.statusCode = 202 },
  'sets another event': context => { context.event = 'shouted' },
  'sets no event': context => { context.event = null },
  'sets a type': context => { context.type = 'mine' },
  'sets another self': (context, _name, world) => { context.self = world.service('others') },
  'sets an error': (context, name) => { context.error = new Error(`set by ${name}`) },
  'takes the error': context => { delete context.error },
  'sets no error': context => { context.error = undefined },
  'sets a null error': context => { context.error = null },
  'gives a result and fails': (context, name) => { context.result = name; throw new Error(name) },
  'throws': (_, name) => raise(new Error(`thrown by ${name}`)),
  'throws undefined': () => raise(undefined),
  'throws null': () => raise(null),
  'throws 0': () => raise(0),
  'throws the error again': context => raise(context.error),
  'rejects': async (_, name) => raise(new Error(`rejected by ${name}`)),
  'rejects late with undefined': async () => { await setImmediate(); raise(undefined) }
}

/** All that an around hook can do with what is within it. */
const AROUND: Readonly<Record<string, AroundBehaviour>> = {
  'passes': async (_, next) => await next(),
  'passes what it gets': (_, next) => next(),
  'gets, and returns more': async (_, next, name) => [name, await next()],
  'is late': async (_, next) => { await setImmediate(); await next(); await setImmediate() },
  'returns nothing': () => {},
  'returns text': () => 'text',
  'gives a result instead': (context, _next, name) => { context.result = { by: name } },
  'gives a result first': async (context, next, name) => { context.result = { by: name }; await next() },
  'changes the result': async (context, next) => { await next(); context.result = [context.result] },
  'changes params': async (context, next, name) => { context.params = { by: name }; await next() },
  'sets another self': async (context, next, _name, world) => { context.self = world.service('others'); await next() },
  'sets another event': async (context, next) => { context.event = 'shouted'; await next() },
  'goes on twice': async (_, next) => { await next(); await next() },
  'goes on twice at once': async (_, next, _name, world) => {
    const outcomes = await Promise.allSettled([next(), next()])
    for (const outcome of outcomes) world.trace.push(world.plain({ ...outcome }))
    if (outcomes[0].status === 'rejected') raise(outcomes[0].reason)
  },
  'goes on again after an error': async (_, next) => await next().catch(async () => await next()),
  'recovers': async (context, next, name) => {
    await next().catch((error: unknown) => { context.result = { by: name, error } })
  },
  'recovers without a result': async (_, next) => { await next().catch(() => {}) },
  'throws at once': (_, _next, name) => raise(new Error(`thrown by ${name}`)),
  'throws undefined': () => raise(undefined),
  'rejects': async (_, _next, name) => raise(new Error(`rejected by ${name}`)),
  'fails behind': async (_, next, name) => { await next(); throw new Error(`thrown by ${name}`) },
  'fails with another error': async (_, next, name) => await next().catch(() => raise(new Error(`thrown by ${name}`)))
}

/** Registers the hooks of an arrangement. */
export function register (world: World, { on, type, method, behaviours }: Registration, index: number): void {
  const hooks = behaviours.map((behaviour, place) => {
    const name = `${index}.${place} ${on} ${type} ${method}: ${behaviour}`
    return world.hook(name, (context, next) => {
      const open = context as unknown as OpenContext
      if (type !== 'around') return BEHAVIOURS[behaviour](open, name, world)
      return AROUND[behaviour](open, async () => await world.within(name, context, next), name, world)
    })
  })
  world.hooks({ [type]: { [method]: hooks } }, on)
}

/** What changes little is more frequent: it shows what the others change. */
function someOf (behaviours: object): fc.Arbitrary<string[]> {
  const names = Object.keys(behaviours)
  const behaviour = fc.oneof(
    { arbitrary: fc.constant(names[0]), weight: 2 },
    { arbitrary: fc.constantFrom(...names), weight: 3 }
  )
  return fc.array(behaviour, { minLength: 1, maxLength: 3 })
}

const on = fc.constantFrom('app' as const, 'service' as const)
// Most for the same, so that they meet.
const method = fc.constantFrom('all', 'all', 'get', 'get', 'get', 'create', 'shout')

const registration: fc.Arbitrary<Registration> = fc.oneof(
  fc.record({ on, method, type: fc.constantFrom('before', 'after', 'error'), behaviours: someOf(BEHAVIOURS) }),
  fc.record({ on, method, type: fc.constant('around'), behaviours: someOf(AROUND) })
)

export const registrations = fc.array(registration, { maxLength: 8 })

export const calls: fc.Arbitrary<Call[]> = fc.array(fc.constantFrom<Call>(
  ['get', 1, { query: {} }], ['get', 2, {}], ['get', 1], ['get', 0, {}], ['get'],
  ['create', { text: 'a' }, {}], ['create', [1, 2]],
  ['create', null], ['shout', { text: 'a' }, {}], ['shout', undefined, null], ['find']
), { minLength: 1, maxLength: 3 })
