import { NotAuthenticated } from '@feathersjs/errors'
import type { Application, HookContext, NextFunction } from '@feathersjs/feathers'
import { KeptServices } from '../../../lib/feathers/showing/placed/kept-services'
import type { PlacedService } from '../../../lib/feathers/showing/placed/placed-service'
import { rejection, until } from '../../until'
import { gateways, has, named, WAYS, type Way } from '../gateways'

const { bare, clients, host, join } = gateways()

interface AnyService {
  [method: string]: (...args: never[]) => unknown
}

const serviceOf = (app: Application, path = 'todos'): AnyService => app.service(path) as unknown as AnyService

/** A host of `todos` that restarts. */
async function restarting (services: () => Record<string, object> = () => ({ todos: named('one') })) {
  let running = await host(services())
  return {
    get app () { return running.app },
    stop: async () => await running.stop(),
    start: async (others = services) => { running = await host(others()) }
  }
}

describe.each(WAYS)('hooks, listeners and publishers on a remote service of an app with the %s', way => {
  it('work on the same object after the only host restarted', async () => {
    const todos = await restarting()
    const app = await join(bare('express'), way)
    await until(() => has(app, 'todos'))
    const to = await clients(app)
    const before = app.service('todos')
    const heard: unknown[] = []
    const published: unknown[] = []
    before.hooks({ before: { all: [() => { throw new NotAuthenticated('who are you?') }] } })
    before.on('created', payload => heard.push(payload))
    before.publish('created', payload => app.channel('everybody').send({ told: payload as unknown }))
    to.on('todos created', payload => published.push(payload))

    for (const round of [1, 2, 3]) {
      expect((await to.rest('todos')).status).toBe(401)
      expect(await to.socket('find', 'todos')).toBe(401)
      todos.app.service('todos').emit('created', { round })
      await until(() => heard.length === round && published.length === round)
      const gone: unknown[] = []
      app.once('service-removed', ({ path }) => gone.push(path))
      await todos.stop()
      // As with feathers-distributed nobody sees it while nobody hosts it.
      expect([has(app, 'todos'), gone]).toEqual([false, ['todos']])
      expect(() => app.service('todos')).toThrow("Can not find service 'todos'")
      expect([(await to.rest('todos')).status, await to.socket('find', 'todos')]).toEqual([404, 404])
      await todos.start()
      await until(() => has(app, 'todos'))
      expect(app.service('todos')).toBe(before)
    }
    expect(heard).toEqual([{ round: 1 }, { round: 2 }, { round: 3 }])
    expect(published).toEqual([{ told: { round: 1 } }, { told: { round: 2 } }, { told: { round: 3 } }])
  })

  it('stay on a reference to the service and can be added to it while no node hosts it', async () => {
    const todos = await restarting()
    const app = await join(bare('plain'), way)
    await until(() => has(app, 'todos'))
    const kept = app.service('todos')
    await todos.stop()
    const heard: unknown[] = []
    kept.hooks({ around: { find: [async (context: HookContext, next: NextFunction) => {
      await next()
      context.result = ['hooked', context.result]
    }] } })
    kept.on('created', payload => heard.push(payload))
    const waiting = kept.find()
    await todos.start()
    expect(await waiting).toEqual(['hooked', ['one', {}]])
    expect(app.service('todos')).toBe(kept)
    todos.app.service('todos').emit('created', 'heard')
    await until(() => heard.length > 0)
  })

  it('stay when a service of the app temporarily takes its place', async () => {
    const todos = await restarting()
    const app = await join(bare('express'), way)
    await until(() => has(app, 'todos'))
    app.service('todos').hooks({ before: { all: [() => { throw new NotAuthenticated('who are you?') }] } })
    app.use('todos', named('own'))
    await todos.stop()
    await app.unuse('todos')
    expect(has(app, 'todos')).toBe(false)
    await todos.start()
    await until(() => has(app, 'todos'))
    expect(await rejection(app.service('todos').find())).toMatchObject({ code: 401 })
  })

  it('stay when the app removes the service and its host returns', async () => {
    const todos = await restarting()
    const app = await join(bare('express'), way)
    await until(() => has(app, 'todos'))
    app.service('todos').hooks({ before: { all: [() => { throw new NotAuthenticated('who are you?') }] } })
    await app.unuse('todos')
    await todos.stop()
    await todos.start()
    await until(() => has(app, 'todos'))
    expect(await rejection(app.service('todos').find())).toMatchObject({ code: 401 })
  })
})

describe('a remote service that returns with other methods and events', () => {
  const less = { find: async () => 'found', create: async (data: object) => data }
  const more = { ...less, complete: async () => 'completed' }
  const offers = {
    less: () => ({ todos: less }),
    more: () => ({ todos: more })
  }

  async function hosting (methods: string[]) {
    const app = bare('plain')
    app.use('todos', more, { methods, events: methods.includes('complete') ? ['completed'] : [] })
    return await join(app)
  }

  it('has the earlier hooks on its new methods and the earlier publishers for its new events', async () => {
    const first = await restarting(offers.less)
    const app = await join(bare('express'))
    await until(() => has(app, 'todos'))
    const todos = serviceOf(app)
    const to = await clients(app)
    const published: unknown[] = []
    to.on('todos completed', payload => published.push(payload))
    const hooked: string[] = []
    app.service('todos').hooks({ before: { all: [({ method }: HookContext) => { hooked.push(method) }] } })
    await first.stop()
    const second = await hosting(['find', 'complete'])
    await until(() => has(app, 'todos'))
    expect(serviceOf(app)).toBe(todos)
    expect(await to.socket('complete', 'todos', {})).toBe('completed')
    expect(hooked).toEqual(['complete'])
    second.service('todos').emit('completed', 'done')
    await until(() => published.length > 0)
  })

  it('refuses the methods that its hosts no longer offer', async () => {
    const first = await hosting(['find', 'create', 'complete'])
    const app = await join(bare('express'))
    await until(() => has(app, 'todos'))
    app.service('todos').hooks({ before: { all: [] } })
    const to = await clients(app)
    expect((await to.rest('todos', { method: 'POST', body: '{"a":1}' })).status).toBe(201)
    await first.unuse('todos')
    await until(() => !has(app, 'todos'))
    await hosting(['find'])
    await until(() => has(app, 'todos'))
    expect((await to.rest('todos', { method: 'POST', body: '{"a":1}' })).status).toBe(405)
    expect(await to.socket('create', 'todos', {})).toBe(405)
    expect(await to.socket('complete', 'todos', {})).toBe(405)
    expect(await rejection(app.service('todos').create({}))).toMatchObject({ name: 'MethodNotAllowed' })
    expect((await to.rest('todos')).body).toBe('found')
  })
})

describe('a program that adds hooks and listeners to every service that the app announces', () => {
  /** An app whose program does so, with what it saw. */
  async function announced (way: Way, each: (app: Application, path: string) => void) {
    const todos = await restarting()
    const app = bare('express')
    app.on('service', ({ path }: { path: string }) => each(app, path))
    await join(app, way)
    await until(() => has(app, 'todos'))
    return {
      app,
      emit: (payload: unknown) => todos.app.service('todos').emit('created', payload),
      restart: async () => {
        await todos.stop()
        await todos.start()
        await until(() => has(app, 'todos'))
      }
    }
  }

  it.each(WAYS)('has each of them once after any number of restarts of the host, with the %s', async way => {
    const heard: unknown[] = []
    const order: string[] = []
    const count = (name: string) => () => { order.push(name) }
    const { app, emit, restart } = await announced(way, (on, path) => {
      const service = on.service(path)
      service.on('created', payload => heard.push(payload))
      service.hooks({ before: { all: [count('announced')], find: [count('find')] } })
    })
    app.service('todos').hooks({ before: { all: [count('program')] } })
    app.service('todos').on('created', payload => heard.push(['program', payload]))
    for (const round of [1, 2, 3]) {
      emit(round)
      await until(() => heard.length === 2)
      expect(heard.splice(0)).toEqual(expect.arrayContaining([round, ['program', round]]))
      await app.service('todos').find()
      expect(order.splice(0)).toEqual(['announced', 'program', 'find'])
      await restart()
    }
  })

  it('keeps those that it adds only the first time', async () => {
    let guarded = false
    const heard: unknown[] = []
    const { app, emit, restart } = await announced('plugin', (on, path) => {
      if (guarded) return
      guarded = true
      on.service(path).hooks({ before: { all: [() => { throw new NotAuthenticated('who are you?') }] } })
      on.service(path).on('created', payload => heard.push(payload))
    })
    for (const round of [1, 2]) {
      await restart()
      expect(await rejection(app.service('todos').find())).toMatchObject({ code: 401 })
      emit(round)
      await until(() => heard.length === round)
    }
  })

  it('keeps a guard that it adds only the first time, despite a similar one added each time', async () => {
    const roles: string[] = []
    const requireRole = (role: string) => () => { roles.push(role) }
    let guarded = false
    const { app, restart } = await announced('plugin', (on, path) => {
      if (!guarded) on.service(path).hooks({ before: { all: [requireRole('admin')] } })
      guarded = true
      on.service(path).hooks({ before: { all: [requireRole('user')] } })
    })
    for (let round = 0; round < 2; round++) {
      await restart()
      await app.service('todos').find()
      expect(roles.splice(0)).toEqual(expect.arrayContaining(['admin', 'user']))
    }
  })

  it('keeps different bound functions, although all have the same source text', async () => {
    const heard: string[] = []
    const listeners = { first () { heard.push('first') }, always () { heard.push('always') } }
    let isKnown = false
    const { emit, restart } = await announced('plugin', (on, path) => {
      if (!isKnown) on.service(path).on('created', listeners.first.bind(listeners))
      isKnown = true
      on.service(path).on('created', listeners.always.bind(listeners))
    })
    await restart()
    emit('once')
    await until(() => heard.length === 2)
    expect(heard.sort()).toEqual(['always', 'first'])
  })

  it('may remove a listener before it adds it again', async () => {
    const heard: unknown[] = []
    const listener = (payload: unknown): void => { heard.push(payload) }
    const { app, emit, restart } = await announced('plugin', (on, path) => {
      on.service(path).off('created', listener)
      on.service(path).on('created', listener)
    })
    app.service('todos').on('updated', () => {})
    await restart()
    emit('once')
    await until(() => heard.length > 0)
    expect(heard).toEqual(['once'])
  })
})

describe('the store of departed services', () => {
  const placed = (path: string, worth: number): PlacedService => ({ path, worth }) as PlacedService

  it('drops services without additions first when it is full, and then the oldest', () => {
    const kept = new KeptServices(3)
    const all = [placed('a', 2), placed('b', 0), placed('c', 1), placed('d', 2), placed('e', 1), placed('f', 2)]
    for (const each of all) kept.keep(each)
    expect(all.map(({ path }) => kept.take(path)?.path)).toEqual(['a', undefined, undefined, 'd', undefined, 'f'])
  })

  it('returns each service once', () => {
    const kept = new KeptServices()
    kept.keep(placed('a', 2))
    expect([kept.take('a')?.path, kept.take('a')]).toEqual(['a', undefined])
  })
})
