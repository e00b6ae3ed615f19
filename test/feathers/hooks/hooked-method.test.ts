import { AsyncLocalStorage } from 'node:async_hooks'
import { setImmediate } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { HookedMethod } from '../../../lib/feathers/hooks/hooked-method'
import { calls, register, registrations } from '../hook-arrangement'
import { bothWays, namesIn, outcomeOf, traceOf, type Hook, type Method, type World } from '../hook-world'

const RUNS = 300

const fails = (thrown: unknown): Hook => () => { throw thrown }

describe('a prepared method', () => {
  it('behaves exactly like a Feathers method under random hooks and calls', async () => {
    await fc.assert(fc.asyncProperty(registrations, calls, registrations, calls, async (first, early, more, late) => {
      const [byFeathers, prepared] = await bothWays(async world => {
        first.forEach((registration, index) => register(world, registration, index))
        for (const call of early) await world.call(call)
        more.forEach((registration, index) => register(world, registration, first.length + index))
      }, late)
      // What is expected takes its time to say that all is well.
      if (!isDeepStrictEqual(prepared.trace, byFeathers.trace)) expect(prepared.trace).toStrictEqual(byFeathers.trace)
      if (HookedMethod.of(prepared.app.service('notes'), 'get') === undefined) throw new Error('Feathers made the call')
    }), { numRuns: RUNS, interruptAfterTimeLimit: 10_000 })
  })

  it('behaves exactly like a Feathers method whether it returns, rejects, throws or returns a thenable', async () => {
    const answers: Method[] = [
      () => 'at once', () => {}, () => null, async () => [1, 2], () => { throw new Error('thrown at once') },
      () => ({ then: (done: Method) => done('by a thenable') }), async () => await Promise.reject(new Error('rejected'))
    ]
    for (const create of answers) {
      await traceOf(world => {
        world.hooks({ after: { create: [world.hook('after')] }, error: { create: [world.hook('error')] } })
      }, [['create', {}]], () => ({ create }))
    }
  })
})

describe('the hooks of a prepared method', () => {
  it('run in the same order as in Feathers, from the app to the method and back', async () => {
    const pass: Hook = (_context, next?: () => Promise<unknown>) => next?.()
    const trace = await traceOf(world => {
      for (const method of ['get', 'all']) {
        for (const type of ['after', 'before', 'around']) {
          for (const on of ['service', 'app'] as const) {
            const hooks = [1, 2].map(n => world.hook(`${on} ${type} ${method} ${n}`, pass))
            world.hooks({ [type]: { [method]: hooks } }, on)
          }
        }
      }
    })
    expect(namesIn(trace)).toEqual([
      'app around all', 'app around get', 'app before all', 'app before get',
      'service around all', 'service around get', 'service before all', 'service before get',
      'service after all', 'service after get', 'app after all', 'app after get'
    ].flatMap(name => [`${name} 1`, `${name} 2`]))
  })

  it('take part in the next call when they are registered during a call', async () => {
    const trace = await traceOf(world => {
      let calls = 0
      world.hooks({
        before: {
          get: world.hook('first', () => {
            const call = ++calls
            world.hooks({ before: { get: [world.hook(`before ${call}`)] } })
            world.hooks({ after: { all: [world.hook(`after ${call}`)] } })
            world.hooks({ around: [world.hook(`around ${call}`, (_context, next) => next())] }, 'app')
          })
        }
      })
    }, [['get', 1], ['get', 2]])
    expect(namesIn(trace)).toEqual(['first', 'around 1', 'first', 'before 1', 'after 1'])
  })

  it('catch a later failure of the current call when an error hook registers them beside another', async () => {
    const trace = await traceOf(world => {
      world.hooks({ error: { get: [world.hook('error')] } })
      const joins = world.hook('joins', () => world.hooks({ error: { all: [world.hook('late')] } }))
      world.hooks({ error: { all: [joins] } })
      world.hooks({
        before: {
          get: world.hook('registers', () => {
            world.hooks({ error: { get: [world.hook('joined')] } })
            throw new Error('behind it')
          })
        }
      })
    })
    expect(namesIn(trace)).toEqual(['registers', 'error', 'joined', 'joins'])
  })

  it('can be replaced altogether', async () => {
    const trace = await traceOf(async world => {
      world.hooks({ around: { get: [world.hook('of before', (_context, next) => next())] } })
      await world.call(['get', 1])
      const others = { get: [world.hook('others', (_context, next) => next())] }
      Object.assign(world.service(), {
        __hooks: { around: others, before: {}, after: {}, error: {}, collected: {}, collectedAll: {} }
      })
    })
    expect(namesIn(trace)).toEqual(['of before', 'others'])
  })

  it('keep the method from running when they set a result, even undefined', async () => {
    const trace = await traceOf(world => {
      world.hooks({ before: { get: [world.hook('gives', context => { context.result = undefined })] } })
    })
    expect(outcomeOf(trace)).toMatchObject({ value: undefined })
  })

  it('receive the value that the inner hook returned when they are around hooks', async () => {
    const passedBy = async (others: object): Promise<unknown> => {
      const trace = await traceOf(world => {
        const outer = world.hook('outer', (context, next) => world.within('outer', context, next))
        world.hooks({ around: [outer], ...others }, 'app')
        world.hooks({ around: { get: [world.hook('inner', () => 'said by inner')] } })
      })
      return trace.find(entry => !Array.isArray(entry))
    }
    const nothing = (): void => {}
    expect(await passedBy({})).toEqual({ within: 'outer', value: 'said by inner' })
    expect(await passedBy({ before: [nothing], error: [nothing] })).toEqual({ within: 'outer', value: 'said by inner' })
    expect(await passedBy({ after: [nothing] })).toEqual({ within: 'outer', value: undefined })
  })

  it('throw an error when an around hook calls next() twice', async () => {
    const trace = await traceOf(world => {
      world.hooks({ around: { get: [world.hook('twice', async (_context, next) => { await next(); await next() })] } })
    })
    expect(outcomeOf(trace)).toMatchObject({ error: 'Error: next() called multiple times' })
  })

  it('may call next() after the call has ended', async () => {
    const over = new Map<World, Promise<void>>()
    const worlds = await bothWays(world => {
      const late: Hook = (_context, next) => { over.set(world, setImmediate().then(async () => { await next() })) }
      world.hooks({ around: { get: [world.hook('late', late)] }, after: { get: [world.hook('after')] } })
    })
    for (const world of worlds) await over.get(world)
    const [byFeathers, prepared] = worlds
    expect(prepared.trace).toStrictEqual(byFeathers.trace)
    expect(namesIn(prepared.trace)).toEqual(['late', 'after'])
  })

  it('share their asynchronous context with the method', async () => {
    const trace = await traceOf(world => {
      const [entered, around] = [new AsyncLocalStorage(), new AsyncLocalStorage()]
      const tell = (): void => { world.trace.push([entered.getStore(), around.getStore()]) }
      const run: Hook = async (_context, next) => await around.run('around', next)
      world.hooks({ around: { get: [run] } }, 'app')
      world.hooks({
        before: { get: [() => { entered.enterWith('entered') }, async () => { await setImmediate() }, tell] },
        after: { get: [tell] }
      })
    })
    expect(trace.slice(0, 2)).toEqual([['entered', 'around'], ['entered', 'around']])
  })

  it.each([['a string', 'text'], ['undefined', undefined]])('fail the call when one is %s', async (_name, hook) => {
    for (const type of ['before', 'after', 'error', 'around']) {
      const trace = await traceOf(world => {
        world.hooks({ around: [world.hook('outer', (_context, next) => next())] }, 'app')
        world.hooks({ [type]: { get: [hook] } })
      }, [['get', 1], ['get', 0]])
      expect(JSON.stringify(outcomeOf(trace))).toContain(type === 'after' ? 'no such note' : 'TypeError')
    }
  })
})

describe('an error in a prepared method', () => {
  it('passes through the error hooks from the inside out until one of them ends it', async () => {
    const trace = await traceOf(world => {
      const end: Hook = context => { context.result = 'another note' }
      for (const on of ['service', 'app'] as const) {
        for (const method of ['all', 'get']) {
          const ends = on === 'app' && method === 'all'
          world.hooks({ error: { [method]: [world.hook(`${on} error ${method}`, ends ? end : undefined)] } }, on)
          world.hooks({ after: { [method]: [world.hook(`${on} after ${method}`)] } }, on)
        }
      }
    }, [['get', 0]])
    expect(namesIn(trace)).toEqual(['service error get', 'service error all', 'app error get', 'app error all'])
    expect(outcomeOf(trace)).toMatchObject({ value: 'another note' })
  })

  it('is invisible to the hooks of the app when a hook of the service ends it', async () => {
    const trace = await traceOf(world => {
      world.hooks({ after: [world.hook('after of app')], error: [world.hook('error of app')] }, 'app')
      world.hooks({ error: { get: [world.hook('ends', context => { delete context.error })] } })
      world.hooks({ after: { get: [world.hook('after of method')] } })
    }, [['get', 0]])
    expect(namesIn(trace)).toEqual(['ends', 'after of app'])
    expect(outcomeOf(trace)).toMatchObject({ value: undefined })
  })

  it.each([[undefined], [null], [0], ['']])('behaves as in Feathers when it is %p', async thrown => {
    for (const type of ['before', 'after', 'error', 'around']) {
      for (const seen of [true, false]) {
        await traceOf(world => {
          world.hooks({ [type]: { get: [world.hook(type, fails(thrown))] } })
          if (seen) world.hooks({ error: { get: [world.hook('seen')] } }, 'app')
        }, [['get', 0], ['get', 1]])
      }
    }
  })

  it('leaves the type of the context unchanged', async () => {
    const trace = await traceOf(world => {
      world.hooks({
        before: { get: [world.hook('fails', fails(new Error('no')))] },
        error: { get: [world.hook('ends', context => { context.result = 'yes' })] }
      })
      const behind: Hook = async (context, next) => { await next(); world.trace.push(context.type) }
      world.hooks({ around: [behind] }, 'app')
    })
    expect(trace).toContain('before')
  })
})
