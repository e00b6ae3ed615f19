import { FeathersHookManager, type FeathersService } from '@feathersjs/feathers'
import { hooks as withHooks, type AsyncMiddleware } from '@feathersjs/hooks'
import { HookedMethod } from '../../../lib/feathers/hooks/hooked-method'
import { bothWays, namesIn, Notes, outcomeOf, traceOf, World, type Call } from '../hook-world'

const isPrepared = (world: World, name = 'get'): boolean =>
  HookedMethod.of(world.app.service('notes'), name) !== undefined

const passOn: AsyncMiddleware = async (_context, next) => { await next() }

interface Case {
  readonly arrange?: (world: World) => unknown
  readonly service?: () => object
}

const FEATHERS_ONLY: Readonly<Record<string, Case>> = {
  'has hooks in the old form': { arrange: world => world.hooks({ get: [world.hook('old', passOn)] }) },
  'belongs to a service with a list of hooks': { arrange: world => world.hooks([world.hook('listed', passOn)]) },
  'has hooks from its class': {
    service: () => ({ get: withHooks(async (id: unknown) => await Promise.resolve(id), [passOn]) })
  },
  'belongs to a class with hooks': {
    service: () => withHooks(Object.create(Notes.prototype) as object, [passOn])
  },
  'was wrapped again': {
    arrange: world => {
      const service = world.service()
      service.get = withHooks(service.get as () => Promise<unknown>, [passOn])
    }
  },
  'was replaced': { arrange: world => { world.service().get = async () => 'replaced' } },
  'was replaced by one with all its properties': {
    arrange: world => {
      const { get } = world.service()
      world.service().get = Object.assign(async (...args: unknown[]) => ['replaced', args], get)
    }
  },
  'is seen through a proxy': {
    arrange: world => { world.service().get = new Proxy(world.service().get, { apply: () => 'the proxy' }) }
  },
  'is the method of another name': {
    arrange: world => {
      world.hooks({ before: { find: [world.hook('of find')], get: [world.hook('of get')] } })
      world.service().get = world.service().find
    }
  },
  'has an around hook that is not a function': { arrange: world => world.hooks({ around: { get: ['text'] } }) },
  'has defaults': {
    arrange: world => {
      const { get } = world.service() as unknown as { get: Record<symbol, FeathersHookManager<unknown>> }
      get[Symbol.for('@feathersjs/hooks')].defaults(() => ({ dispatch: 'by default' }))
    }
  },
  'has a manager of another class': {
    arrange: world => {
      class OwnManager extends FeathersHookManager<unknown> {}
      const { get } = world.service() as unknown as { get: Record<symbol, object> }
      Object.setPrototypeOf(get[Symbol.for('@feathersjs/hooks')], OwnManager.prototype)
    }
  }
}

describe('a method with more than plain hooks', () => {
  it.each(Object.entries(FEATHERS_ONLY))('is called by Feathers when it %s', async (_name, { arrange, service }) => {
    for (const before of [[], [['get', 1]]] as Call[][]) {
      const [byFeathers, prepared] = await bothWays(async world => {
        world.hooks({ around: { all: [world.hook('around', passOn)] } })
        for (const call of before) await world.call(call)
        await arrange?.(world)
      }, [['get', 1, {}], ['get', 0, {}]], service)
      expect(prepared.trace).toStrictEqual(byFeathers.trace)
      expect(isPrepared(prepared)).toBe(false)
    }
  })

  it('is called by Feathers when its name has a special meaning', () => {
    const world = new World(true)
    for (const name of ['all', 'valueOf']) {
      const manager = new FeathersHookManager(world.app, name).params('params')
      Object.assign(world.service(), { [name]: withHooks(async () => await Promise.resolve(name), manager) })
    }
    expect([isPrepared(world, 'all'), isPrepared(world, 'valueOf')]).toEqual([false, false])
  })
})

describe('the services of an app', () => {
  it('have all of their service methods prepared, and no other methods', () => {
    const world = new World(true)
    expect(['find', 'get', 'create', 'shout'].filter(name => !isPrepared(world, name))).toEqual([])
    expect(['setup', 'update', 'hooks', 'on', 'constructor'].filter(name => isPrepared(world, name))).toEqual([])
  })

  it('work when one replaces another', async () => {
    const trace = await traceOf(async world => {
      world.hooks({ before: { all: [world.hook('of the first')] } })
      await world.call(['get', 1])
      await world.app.unuse('notes')
      const second = { get: async (id: unknown) => `note ${String(id)}` }
      world.app.use('notes', second as object as FeathersService)
      world.hooks({ before: { all: [world.hook('of the second')] } })
    })
    expect(namesIn(trace)).toEqual(['of the first', 'of the second'])
    expect(outcomeOf(trace)).toMatchObject({ value: 'note 1' })
  })

  it('fail the call of a method that they lack', async () => {
    const trace = await traceOf(() => {}, [['missing']])
    expect(outcomeOf(trace)).toMatchObject({ error: expect.stringContaining('TypeError') as string })
  })

  it('return the hook context that the caller passed', async () => {
    const contexts: object[] = []
    const trace = await traceOf(async world => {
      const { createContext } = world.service().get as unknown as { createContext: (data: object) => object }
      const context = createContext({ dispatch: 'given' })
      await world.call(['get', 1, {}, context])
      contexts.push(context)
      world.trace.push(world.plain({ ...context }))
    }, [])
    expect(trace[0]).toMatchObject({ value: 'ContextClass' })
    expect(contexts[1]).toMatchObject({ result: { id: 1 }, dispatch: 'given' })
  })
})
