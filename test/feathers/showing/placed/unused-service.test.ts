import { EventEmitter, once } from 'node:events'
import { inspect } from 'node:util'
import { AuthenticationService } from '@feathersjs/authentication'
import { feathers, getServiceOptions, type Application, type FeathersService } from '@feathersjs/feathers'
import type {} from '@feathersjs/transport-commons'
import type { Contract } from 'feathers-mesh'
import { declaredOffer } from '../../../../lib/feathers/showing/placed/service-offer'
import { Shapes } from '../../../../lib/feathers/showing/placed/unused-service'
import { BareNode } from '../../../bare-node'
import { memoryMesh } from '../../../memory-mesh'
import { rejection, until } from '../../../until'
import { gateways, has, named, KINDS, WAYS, type Kind } from '../../gateways'

const mesh = memoryMesh()
const { bare, clients, host, join } = gateways()

/** Far more than any test uses. */
const MANY = 300

const pathOf = (n: number): string => `services/number-${n}`

/** The services of an app that Feathers has made, beside the health route. */
function made (app: Application): string[] {
  const services: Readonly<Record<string, object>> = app.services
  return Object.keys(services).filter(path => {
    return !path.startsWith('distribution/') && Object.hasOwn(services[path] ?? {}, 'hooks')
  })
}

const manyServices = (): Record<string, object> =>
  Object.fromEntries(Array.from({ length: MANY }, (_, n) => [pathOf(n), named(`number ${n}`)]))

/** An app on the mesh that knows very many services of another node. */
async function knowing (kind: Kind = 'plain', prepare = (_app: Application): void => {}) {
  const app = bare(kind)
  prepare(app)
  await join(app)
  const other = await host(manyServices())
  await until(() => Array.from({ length: MANY }, (_, n) => pathOf(n)).every(path => has(app, path)))
  return { app, other }
}

describe('of 300 services of other nodes that an app knows', () => {
  it('none is made until it is used, whatever reads the list of services', async () => {
    const { app } = await knowing('express')
    const services: Readonly<Record<string, FeathersService>> = app.services
    for (const [path, service] of Object.entries(services)) {
      if (!path.startsWith('services/')) continue
      expect(app.service(path)).toBe(service)
      expect([Reflect.get(service, 'remote'), Reflect.get(service, 'path')]).toEqual([true, path])
      expect([Reflect.get(service, 'setup'), Reflect.get(service, 'then')]).toEqual([undefined, undefined])
      expect(getServiceOptions(service).methods).toEqual(['find'])
      expect('find' in service && !('create' in service)).toBe(true)
    }
    // The set-up of the app, sockets that connect, and the authentication look at each of them.
    app.use('authentication', new AuthenticationService(app, 'authentication', {
      secret: 'x'.repeat(32), entity: null, authStrategies: ['jwt']
    }))
    const to = await clients(app)
    expect(await to.rest('nowhere')).toMatchObject({ status: 404 })
    expect(await to.socket('find', 'nowhere')).toBe(404)
    expect(made(app)).toEqual(['authentication'])
  })

  it.each<[string, (service: FeathersService) => unknown]>([
    ['calls it', service => service.find()],
    ['reads a method', ({ find }) => find],
    ['replaces a method', service => Reflect.set(service, 'find', async () => [])],
    ['registers hooks', service => service.hooks({})],
    ['listens to it', service => service.on('created', () => {})],
    ['counts its listeners', service => service.listenerCount('created')],
    ['emits an event', service => service.emit('created', {})],
    ['registers a publisher', service => service.publish(() => [])],
    ['uses an object that inherits from it', service => Object.create(service).find()]
  ])('just one is made by a program that %s', async (_how, use) => {
    const { app } = await knowing()
    const service = app.service(pathOf(7))
    await use(service)
    expect(made(app)).toEqual([pathOf(7)])
    expect(app.service(pathOf(7))).toBe(service)
  })

  it.each(['express', 'koa'] as const)('just those are made that clients of a gateway with %s call', async kind => {
    const { app } = await knowing(kind)
    const to = await clients(app)
    expect((await to.rest(pathOf(3))).body).toEqual(['number 3', {}])
    expect(await to.socket('find', pathOf(5))).toEqual(['number 5', {}])
    expect((await to.rest(pathOf(8), { method: 'POST', body: '{}' })).status).toBe(405)
    expect(await to.socket('find', `${pathOf(9)}/of/nothing`)).toBe(404)
    expect(made(app)).toEqual([pathOf(3), pathOf(5), pathOf(8)])
  })

  it('just those are made whose events the app may send to clients', async () => {
    const { app, other } = await knowing('express')
    const to = await clients(app)
    const heard: unknown[] = []
    to.on(`${pathOf(4)} created`, payload => heard.push(payload))
    const service = other.app.service(pathOf(4))
    for (const n of [1, 2, 3]) service.emit('created', { n })
    await until(() => heard.length === 3)
    expect(heard).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
    expect(made(app)).toEqual([pathOf(4)])
  })

  it('just those are made that a listener of `service` asks for, and it hears of all', async () => {
    const told: string[] = []
    const { app } = await knowing('plain', each => {
      each.on('service', ({ path }: { path: string }) => {
        told.push(path)
        if (path !== pathOf(6)) return
        each.service(path).hooks({ after: { find: [context => { context.result = 'hooked' }] } })
      })
    })
    expect(told.sort()).toEqual(Array.from({ length: MANY }, (_, n) => pathOf(n)).sort())
    expect(made(app)).toEqual([pathOf(6)])
    expect(await app.service(pathOf(6)).find()).toBe('hooked')
  })

  it('all are made at once where the program has a mixin, which sees each of them once', async () => {
    const seen: string[] = []
    const { app } = await knowing('plain', each => {
      each.mixins.push((service, path) => { if ('remote' in service) seen.push(path) })
    })
    expect(made(app)).toHaveLength(MANY)
    expect(seen.sort()).toEqual(made(app).sort())
    await app.service(pathOf(0)).find()
    expect(seen).toHaveLength(MANY)
  })

  it('all are made when the program configures a mixin after they were found', async () => {
    const { app } = await knowing()
    const seen: string[] = []
    expect(made(app)).toEqual([])
    app.configure(each => { each.mixins.push((_service, path) => { seen.push(path) }) })
    expect(made(app)).toHaveLength(MANY)
    expect(seen).toHaveLength(MANY)
  })

  it('none is an own service, nor does any error tell of it as of one that is there', async () => {
    const { app } = await knowing()
    expect(() => app.service('services')).toThrow("Can not find service 'services'")
    expect(() => app.service(`${pathOf(1)}/of`)).toThrow('Can not find service')
    expect(made(app)).toEqual([])
  })
})

describe.each(KINDS)('an unused service of another node on a %s app', kind => {
  it.each(WAYS)('works the first time that it is called after it has left and returned, with the %s', async way => {
    const first = await host({ todos: named('one') })
    const app = await join(bare(kind), way)
    await until(() => has(app, 'todos'))
    const todos = app.service('todos')
    await first.stop()
    expect(has(app, 'todos')).toBe(false)
    expect(() => app.service('todos')).toThrow("Can not find service 'todos'")
    const waiting = todos.find()
    await host({ todos: named('other') })
    expect(await waiting).toEqual(['other', {}])
    expect(app.service('todos')).toBe(todos)
  })

  it('makes way for a service of the app, and works for those who have it', async () => {
    await host({ todos: named('remote') })
    const app = await join(bare(kind))
    await until(() => has(app, 'todos'))
    const remote = app.service('todos')
    app.use('todos', named('own'))
    expect([await app.service('todos').find(), await remote.find()]).toEqual([['own', {}], ['remote', {}]])
    expect(app.service('todos')).not.toBe(remote)
    const to = await clients(app)
    expect(await to.socket('find', 'todos')).toEqual(['own', {}])
    await app.unuse('todos')
    expect(app.service('todos')).toBe(remote)
    expect(await to.socket('find', 'todos')).toEqual(['remote', {}])
  })

  it('is made with all hooks that the app has by then', async () => {
    await host({ todos: named('remote') })
    const app = await join(bare(kind))
    await until(() => has(app, 'todos'))
    const todos = app.service('todos')
    app.hooks({ before: { all: [() => { throw new Error('nobody may') }] } })
    expect(await rejection(todos.find())).toMatchObject({ message: 'nobody may' })
  })

  it('belongs to a parent app as well when that uses its app', async () => {
    await host({ todos: named('remote') })
    const app = await join(bare(kind))
    await until(() => has(app, 'todos'))
    const parent = feathers()
    parent.use('api', app)
    expect(await parent.service('api/todos').find()).toEqual(['remote', {}])
    expect(parent.service('api/todos')).toBe(app.service('todos'))
  })
})

describe('an unused service', () => {
  const contract = (path: string, methods: string[]): Contract =>
    ({ path, methods: methods.map(name => ({ name, idempotent: false })), events: ['created'] })

  async function offered (...contracts: Contract[]): Promise<BareNode> {
    return await new BareNode(mesh.transport(), { contracts }).start()
  }

  it('prints nothing of the node, and has no property of its own that has a name', async () => {
    const app = feathers()
    await mesh.start({ app })
    await offered(contract('todos', ['find']))
    await until(() => has(app, 'todos'))
    for (const showHidden of [false, true]) {
      expect(inspect(app.service('todos'), { depth: 9, showHidden }).length).toBeLessThan(2_000)
    }
    expect(Object.getOwnPropertyNames(app.service('todos'))).toEqual([])
    expect(Object.keys(Object.getOwnPropertyDescriptors({ ...app.service('todos') }))).toEqual([])
    expect(Reflect.get(Object.getPrototypeOf(app.service('todos')), 'find')).toBeUndefined()
  })

  it('tells of a replica that offers more, and keeps what it had when one offers less', async () => {
    const app = feathers()
    const told: unknown[] = []
    await mesh.start({ app })
    app.on('service', ({ path }: { path: string }) => told.push(path))
    const node = await offered(contract('todos', ['find', 'get']))
    await until(() => told.length === 1)
    for (const methods of [['find', 'get', 'archive'], ['find', 'archive'], ['archive', 'find']]) {
      node.offered = [contract('todos', methods), contract(methods.join('-'), ['find'])]
      void node.transport.announce()
      await until(() => has(app, methods.join('-')))
    }
    expect(told.filter(path => path === 'todos')).toHaveLength(2)
    expect(getServiceOptions(app.service('todos')).methods).toEqual(expect.arrayContaining(['find', 'archive']))
    expect(Reflect.get(app.service('todos'), 'get')).toBeInstanceOf(Function)
    await node.transport.stop(1)
  })

  it('is not on the app where Feathers would refuse one of its methods, which one warning tells', async () => {
    const told: string[] = []
    const spy = jest.spyOn(process, 'emitWarning').mockImplementation(message => { told.push(String(message)) })
    const app = feathers()
    const announced: string[] = []
    await mesh.start({ app })
    app.on('service', ({ path }: { path: string }) => announced.push(path))
    const node = await offered(contract('bad', ['find', 'hooks']), contract('empty', []), contract('good', ['find']))
    await until(() => has(app, 'good'))
    spy.mockRestore()
    expect([has(app, 'bad'), has(app, 'empty'), announced]).toEqual([false, false, ['good']])
    expect(told).toEqual([
      expect.stringContaining("'bad' of other nodes can't be on this app: 'hooks' is not allowed"),
      expect.stringContaining("'empty' of other nodes can't be on this app: it has no methods")
    ])
    await node.transport.stop(1)
  })

  it('leaves the app when it can\'t be made, and each use of it says why', async () => {
    const spy = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const app = bare('express')
    await mesh.start({ app })
    const node = await offered(contract('todos', ['find']), contract('tasks', ['find']))
    await until(() => has(app, 'todos') && has(app, 'tasks'))
    const todos = app.service('todos')
    Object.assign(todos, { tenant: 'ours', id: '_id' })
    const to = await clients(app)
    let isInTheWay = true
    app.mixins.push(service => {
      Object.assign(service, { mixed: true })
      if (isInTheWay) throw new Error('no such service here')
    })
    for (let round = 0; round < 2; round++) expect(() => todos.find()).toThrow('no such service here')
    expect([(await to.rest('tasks')).status, await to.socket('find', 'tasks')]).toEqual([404, 404])
    expect([has(app, 'todos'), has(app, 'tasks')]).toEqual([false, false])
    expect(spy.mock.calls.map(([message]) => message)).toEqual(['todos', 'tasks'].map(path =>
      expect.stringContaining(`the service '${path}' of other nodes can't be on this app: no such service here`)))
    expect(Object.entries(todos)).toEqual([['tenant', 'ours'], ['id', '_id']])
    isInTheWay = false
    app.configure(() => {})
    expect([has(app, 'todos'), has(app, 'tasks')]).toEqual([true, true])
    expect(app.service('todos')).toBe(todos)
    expect(Object.entries(todos)).toEqual(expect.arrayContaining([['tenant', 'ours'], ['id', '_id'], ['mixed', true]]))
    expect(Object.hasOwn(todos.hooks({}), 'find')).toBe(true)
    spy.mockRestore()
    await node.transport.stop(1)
  })
})

describe('the shapes of services', () => {
  const isKnown = (shapes: Shapes, name: string): boolean => {
    const before = shapes.of([name], [])
    shapes.of(['other'], [])
    return shapes.of([name], []) === before
  }

  it('are one for all services with the same methods and events', () => {
    const shapes = new Shapes()
    expect(shapes.of(['find', 'get'], ['created'])).toBe(shapes.of(['find', 'get'], ['created']))
    expect(shapes.of(['find'], ['get'])).not.toBe(shapes.of(['find', 'get'], []))
    expect(shapes.of(['find', 'get'], []).covers(shapes.of(['get'], []))).toBe(true)
    expect(shapes.of(['get'], []).covers(shapes.of(['find', 'get'], []))).toBe(false)
    expect(shapes.of(['find', 'get'], []).covers(shapes.of(['find'], ['get']))).toBe(false)
    expect(isKnown(shapes, 'find')).toBe(true)
  })

  it('are forgotten where there are too many of them, or of their methods and events', () => {
    const first = ['find']
    for (const shapes of [new Shapes(3), new Shapes(100, 3)]) {
      const before = shapes.of(first, [])
      for (const name of ['a', 'b', 'c']) shapes.of([name], [])
      expect(shapes.of(first, [])).not.toBe(before)
    }
  })

  it('are a thousand at most, with 20,000 methods and events in all', () => {
    const names = (n: number, count: number): string[] => Array.from({ length: count }, (_, each) => `m${n}-${each}`)
    for (const [most, size] of [[1_000, 1], [20, 1_000]] as const) {
      const shapes = new Shapes()
      const all = Array.from({ length: most + 1 }, (_, n) => shapes.of(names(n, size), []))
      expect(shapes.of(names(1, size), [])).toBe(all[1])
      expect(shapes.of(names(0, size), [])).not.toBe(all[0])
    }
  })

  it('know each name that Feathers gives to services', async () => {
    const app = bare('express')
    app.use('todos', { find: async () => [] })
    const unused = new Shapes().of(['find'], []).create({
      offer: declaredOffer('todos', undefined),
      serviceOptions: {},
      use: () => ({})
    })
    const known = Reflect.ownKeys(app.service('todos'))
    expect(known.filter(name => !(name in unused))).toEqual([])
    expect(Reflect.ownKeys(EventEmitter.prototype).filter(name => !(name in unused))).toEqual([])
    const emitted = once(app.service('todos'), 'created')
    app.service('todos').emit('created', 1)
    expect(await emitted).toEqual([1])
  })
})
