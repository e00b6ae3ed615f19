import { EventEmitter } from 'node:events'
import { feathers, type Application, type FeathersService } from '@feathersjs/feathers'
import type { DistributedModuleOptions } from 'feathers-mesh'
import { BareNode } from '../../../bare-node'
import { memoryMesh } from '../../../memory-mesh'
import { until } from '../../../until'
import { warnings } from '../../../warnings'
import { gateways, has } from '../../gateways'

const mesh = memoryMesh()
const { bare } = gateways()
const nodes: BareNode[] = []

afterEach(async () => {
  jest.restoreAllMocks()
  await Promise.all(nodes.splice(0).map(async ({ transport }) => await transport.stop(1)))
})

/** A node whose services `todos` and `tasks` answer each call with the name of the method. */
async function offer (): Promise<BareNode> {
  const methods = ['find', 'get', 'create', 'archive'].map(name => ({ name, idempotent: false }))
  const contracts = ['todos', 'tasks'].map(path => ({ path, methods, events: ['created'], id: 'number' }))
  const node = new BareNode(mesh.transport(), { contracts, serve: ({ method }, reply) => reply(null, method) })
  nodes.push(node)
  return await node.start()
}

/** An app that knows these services. */
async function knowing (app: Application = feathers(), options: DistributedModuleOptions = {}): Promise<Application> {
  await mesh.start({ app, ...options })
  await offer()
  await until(() => has(app, 'todos') && has(app, 'tasks'))
  return app
}

const isMade = (app: Application, path: string): boolean => Object.hasOwn(app.service(path), 'hooks')

/** The fields of a service, whatever they are. */
const at = (service: object, name: string): unknown => Reflect.get(service, name)

const mock = async (): Promise<unknown> => 'mocked'

/** A function around one of the program's, as tracers put it there. */
const traced = (traces: string[], original: unknown) => function (this: unknown, ...args: unknown[]): unknown {
  traces.push('before')
  if (typeof original !== 'function') throw new Error('nothing to trace')
  return Reflect.apply(original, this, args)
}

const MARKS = ['id', 'path', 'key', 'remote', 'remoteOptions']
const NAMES = [...MARKS, 'find', 'archive', 'healthcheck', 'on', 'emit', 'hooks', '__hooks', 'then', 'setup']

describe('an unused service is like one in use to a program that', () => {
  it.each<[string, (service: FeathersService) => unknown]>([
    ['has a proxy of it', async service => {
      const proxy = new Proxy(service, {})
      const types = NAMES.map(name => typeof at(proxy, name))
      return [types, await proxy.find(), at(proxy, 'find') === at(service, 'find')]
    }],
    ['has a proxy that looks at what is read', async service => {
      const read: PropertyKey[] = []
      const proxy = new Proxy(service, {
        get (target, name, receiver) {
          if (typeof name === 'string') read.push(name)
          return Reflect.get(target, name, receiver) as unknown
        }
      })
      const hook = async (_context: unknown, next: () => Promise<void>): Promise<void> => { await next() }
      return [typeof proxy.hooks({ around: { find: [hook] } }), await service.find(), read.includes('hooks')]
    }],
    ['sets a method on a proxy of it', async service => {
      const proxy = new Proxy(service, {})
      Reflect.set(proxy, 'find', mock)
      return [await proxy.find(), await service.find(), Object.keys(service).includes('find')]
    }],
    ['sets a method on what inherits from it', async service => {
      const child: FeathersService = Object.create(service)
      Reflect.set(child, 'find', mock)
      return [await child.find(), await service.find(), await child.get(1), Object.keys(child)]
    }],
    ['listens through what inherits from it', service => {
      const child: FeathersService = Object.create(service)
      const heard: unknown[] = []
      service.on('created', data => heard.push(data))
      child.emit('created', 1)
      return heard
    }],
    ['wraps a method by an assignment', async service => {
      const traces: string[] = []
      Reflect.set(service, 'find', traced(traces, at(service, 'find')))
      return [await service.find(), traces, await service.get(1)]
    }],
    ['wraps a method by a definition', async service => {
      const traces: string[] = []
      const value = traced(traces, at(service, 'find'))
      Object.defineProperty(service, 'find', { value, configurable: true, enumerable: true, writable: true })
      return [await service.find(), traces]
    }],
    ['spies on a method', async service => {
      const spy = jest.spyOn(service, 'find')
      return [await service.find(), spy.mock.calls.length, jest.isMockFunction(service.find)]
    }],
    ['replaces a method by a definition that can be changed', async service => {
      Object.defineProperty(service, 'find', { value: mock, configurable: true, writable: true })
      const answers = [await service.get(1), await service.find()]
      service.hooks({ after: { all: [context => { context.result = `${String(context.result)} hooked` }] } })
      return [...answers, await service.get(1), await service.find()]
    }],
    ['replaces methods by definitions that can\'t be changed', async service => {
      Object.defineProperties(service, { find: { value: mock }, archive: { value: mock } })
      service.hooks({ after: { all: [context => { context.result = `${String(context.result)} hooked` }] } })
      const heard: unknown[] = []
      service.once('created', data => heard.push(data))
      for (const data of [1, 2]) service.emit('created', data)
      return [await service.get(1), await service.find(), heard, service.listenerCount('created')]
    }],
    ['replaces a method of emitters', service => {
      const emitted: unknown[] = []
      Object.defineProperty(service, 'emit', { value: (event: string) => emitted.push(event), configurable: true })
      service.on('created', () => emitted.push('heard'))
      service.emit('created', 1)
      return emitted.filter(event => event !== 'newListener')
    }],
    ['gives it another id, path and key', async service => {
      const given = { id: '_id', path: 'mine', key: 'ours', remote: false, remoteOptions: { a: 1 }, tenant: 'x' }
      Object.assign(service, given)
      return [await service.find(), ...[...MARKS, 'tenant'].map(name => at(service, name))]
    }],
    ['reads its id, path and key', service => MARKS.map(name => at(service, name))],
    ['registers hooks of all forms', async service => {
      const ran: string[] = []
      const around = (name: string) => async (_context: unknown, next: () => Promise<void>): Promise<void> => {
        ran.push(name)
        await next()
      }
      service.hooks({ before: { find: [() => { ran.push('before') }] }, around: { all: [around('all')] } })
      service.hooks([around('list')])
      service.hooks({ find: [around('method')] })
      return [await service.find(), ran]
    }],
    ['asks what it is', service => [
      service instanceof EventEmitter, service instanceof Object, Object.prototype.toString.call(service),
      String(service), Array.isArray(service), 'find' in service, 'remove' in service, 'remote' in service
    ]],
    ['freezes it', async service => {
      Object.freeze(service)
      return [await service.find(), await service.get(1), at(service, 'id'), Object.isFrozen(service)]
    }],
    ['seals it, and registers hooks', async service => {
      Object.seal(service)
      service.hooks({ after: { find: [context => { context.result = 'hooked' }] } })
      return [await service.find(), await service.find(), await service.get(1)]
    }]
  ])('%s', async (_what, run) => {
    const app = await knowing()
    // The second one is in use.
    await app.service('tasks').find()
    expect([isMade(app, 'todos'), isMade(app, 'tasks')]).toEqual([false, true])
    const used = app.service('tasks')
    Reflect.set(Object.getPrototypeOf(used), 'path', 'todos')
    expect(await run(app.service('todos'))).toEqual(await run(used))
  })
})

describe('what many unused services share', () => {
  it('can\'t be changed by mistake, and a copy of one of them is an object of its own', async () => {
    const app = await knowing()
    const shared: object = Object.getPrototypeOf(app.service('todos'))
    for (const name of ['find', 'on', 'id', 'path']) {
      expect(() => Reflect.set(shared, name, mock)).toThrow(`'${name}' can't be set here`)
    }
    const copy: FeathersService = Object.create(shared)
    Object.assign(copy, { find: mock, id: '_id' })
    expect([await copy.find(), at(copy, 'id'), await app.service('todos').find()]).toEqual(['mocked', '_id', 'find'])
    expect([at(app.service('tasks'), 'id'), await app.service('tasks').find()]).toEqual(['number', 'find'])
  })
})

describe('an unused service that has been frozen', () => {
  it('works in the process and for hooks and listeners, and stays on the app', async () => {
    const app = await knowing()
    const todos = Object.freeze(app.service('todos'))
    const heard: unknown[] = []
    todos.on('created', data => heard.push(data))
    todos.hooks({ after: { find: [context => { context.result = [context.result, context.path] }] } })
    expect(await todos.find()).toEqual(['find', 'todos'])
    await until(() => {
      nodes[0]?.transport.publish({ path: 'todos', key: 'default', event: 'created', args: [1] })
      return new Promise(resolve => setImmediate(resolve)).then(() => heard.length > 0)
    })
    expect(heard[0]).toBe(1)
    expect(app.service('todos')).toBe(todos)
  })
})

describe('the first use of a service', () => {
  const withSetUp = (calls: unknown[]) => (service: object, path: string): void => {
    if (path === 'todos') Object.assign(service, { setup: async (...args: unknown[]) => { calls.push(args) } })
  }

  it('sets it up where a mixin has given it a set-up and the app is set up already', async () => {
    const app = await knowing()
    const calls: unknown[] = []
    await app.setup()
    app.mixins.push(withSetUp(calls))
    expect(calls).toEqual([])
    await app.service('todos').find()
    await app.service('todos').find()
    expect(calls).toEqual([[app, 'todos']])
  })

  it('does not set it up before its app is', async () => {
    const app = feathers()
    const calls: unknown[] = []
    app.mixins.push(withSetUp(calls))
    await knowing(app)
    expect(isMade(app, 'todos')).toBe(true)
    expect(calls).toEqual([])
    await app.setup()
    expect(calls).toEqual([[app, 'todos']])
  })

  it('fails without a mention of listeners where an event for clients is that use', async () => {
    const told = warnings()
    const app = await knowing(bare('plain'))
    app.mixins.push(() => { throw new Error('no such service here') })
    await until(() => {
      nodes[0]?.transport.publish({ path: 'todos', key: 'default', event: 'created', args: [1] })
      return new Promise(resolve => setImmediate(resolve)).then(() => !has(app, 'todos'))
    })
    expect(told).toEqual([expect.stringContaining("'todos' of other nodes can't be on this app: no such service here")])
  })
})

describe('hooks that Feathers does not take, or would pass over', () => {
  const deny = (): never => { throw new Error('denied') }

  it.each<[string, object]>([
    ["'befor' of its hooks is no type of hooks", { after: {}, befor: {} }],
    ["there are hooks for 'fnid', which is none of its methods", { fnid: [] }],
    ...[Promise.resolve({ all: [deny] }), new Map([['all', [deny]]]), Object.create({ all: [deny] }), 'all', 1]
      .map<[string, object]>(before => ["'before' of its hooks is neither a function, a list of them", { before }]),
    ['its hooks are neither a list of functions nor a plain object', Object.create({ before: [deny] })],
    ["'all' of its 'before' hooks is neither a function nor a list of them", { before: { all: [deny, null] } }],
    ["'find' of its 'around' hooks is neither a function nor a list of them", { find: Promise.resolve(deny) }]
  ])('cause a warning when a service is found: %s', async (reason, hooks) => {
    const told = warnings()
    const app = feathers()
    const node = await mesh.start({ app, hooks })
    await offer()
    await until(() => node.services().length === 2 && told.length === 2)
    expect(told).toEqual(['todos', 'tasks'].map(path =>
      expect.stringContaining(`'${path}' of other nodes can't be on this app: ${reason}`)))
    expect(has(app, 'todos')).toBe(false)
  })
})
