import type { Application } from '@feathersjs/feathers'
import { until } from '../../until'
import { gateways, has, KINDS, named, WAYS, type Kind } from '../gateways'

const { bare, clients, host, join } = gateways()

const find = async (app: Application, path: string): Promise<unknown> => await app.service(path).find()
const remoteAt = (app: Application, path: string): boolean =>
  has(app, path) && (app.service(path) as { remote?: boolean }).remote === true

/** What the clients of an app get at a path: those of REST, where there are some, and those of socket.io. */
async function seen (kind: Kind, app: Application, path: string): Promise<unknown[]> {
  const { rest, socket } = await clients(app)
  const bySocket = await socket('find', path)
  if (kind === 'plain') return [bySocket]
  const { body, status } = await rest(path)
  return [bySocket, status === 200 ? body : status]
}

const ALL = KINDS.flatMap(kind => WAYS.map(way => [kind, way] as const))

describe.each(ALL)('a service that a %s app with the %s adds on the path of a remote one', (kind, way) => {
  const answer = (name: string): unknown[] => kind === 'plain' ? [[name, {}]] : [[name, {}], [name, {}]]

  it.each(['todos', 'api/v1/todos', '/lists/of/todos/'])('replaces the remote one immediately at %s', async path => {
    const location = path.replace(/^\/|\/$/g, '')
    await host({ [location]: named('remote') })
    const app = await join(bare(kind), way)
    await until(() => remoteAt(app, location))
    app.use(path, named('own'))
    expect(await find(app, location)).toEqual(['own', {}])
    expect(await seen(kind, app, location)).toEqual(answer('own'))
  })

  it('is offered to other nodes', async () => {
    const other = await host({ todos: named('remote') })
    const app = await join(bare(kind), way)
    await until(() => remoteAt(app, 'todos'))
    app.use('todos', named('own'))
    await other.stop()
    const caller = await join(bare('plain'))
    await until(() => has(caller, 'todos'))
    expect(await find(caller, 'todos')).toEqual(['own', {}])
  })

  it('gives the path back to the remote one when it is removed, and can be added again', async () => {
    await host({ todos: named('remote') })
    const app = await join(bare(kind), way)
    await until(() => remoteAt(app, 'todos'))
    for (const name of ['own', 'own again']) {
      app.use('todos', named(name), { methods: ['find'] })
      expect(await find(app, 'todos')).toEqual([name, {}])
      await app.unuse('todos')
      expect(await find(app, 'todos')).toEqual(['remote', {}])
    }
    expect(await seen(kind, app, 'todos')).toEqual(answer('remote'))
  })

  it('stays when the other node leaves and returns', async () => {
    const other = await host({ todos: named('remote') })
    const app = await join(bare(kind), way)
    await until(() => remoteAt(app, 'todos'))
    app.use('todos', named('own'))
    await other.stop()
    await host({ todos: named('remote'), marker: named('marker') })
    await until(() => has(app, 'marker'))
    expect(await seen(kind, app, 'todos')).toEqual(answer('own'))
  })

  it('has none of the hooks of the remote one, which keeps them for its return', async () => {
    await host({ todos: named('remote') })
    const app = await join(bare(kind), way)
    await until(() => remoteAt(app, 'todos'))
    const remote = app.service('todos')
    remote.hooks({ after: { all: [context => { context.result = ['hooked', context.result] }] } })
    app.use('todos', named('own'))
    expect(await find(app, 'todos')).toEqual(['own', {}])
    // A reference to the other one still works.
    expect(await remote.find()).toEqual(['hooked', ['remote', {}]])
    await app.unuse('todos')
    expect(app.service('todos')).toBe(remote)
    expect(await find(app, 'todos')).toEqual(['hooked', ['remote', {}]])
  })
})

describe('a remote service replaced by a local one', () => {
  it('receives no events, its own or those of the local one, until it returns', async () => {
    const other = await host({ todos: named('remote') })
    const app = await join(bare('plain'))
    await until(() => remoteAt(app, 'todos'))
    const heard: unknown[] = []
    app.service('todos').on('created', payload => heard.push(payload))
    app.use('todos', named('own'))
    app.service('todos').emit('created', 'of its own')
    other.app.service('todos').emit('created', 'of the other node, meanwhile')
    await app.unuse('todos')
    other.app.service('todos').emit('created', 'of the other node')
    await until(() => heard.length > 0)
    expect(heard).toEqual(['of the other node'])
  })

  it('returns when the registration of the local one fails', async () => {
    const other = await host({ todos: named('remote') })
    const app = await join(bare('express'))
    await until(() => remoteAt(app, 'todos'))
    const heard: unknown[] = []
    app.service('todos').on('created', payload => heard.push(payload))
    app.mixins.push(service => { if (!('remote' in service)) throw new Error('no such service here') })
    expect(() => app.use('todos', named('own'))).toThrow('no such service here')
    await Promise.resolve()
    other.app.service('todos').emit('created', 'heard')
    await until(() => heard.length > 0)
    expect(await find(app, 'todos')).toEqual(['remote', {}])
  })
})

it('a remote service that the app also registered as an alias keeps the alias while it has no host', async () => {
  const other = await host({ todos: named('remote') })
  const app = await join(bare('express'))
  await until(() => remoteAt(app, 'todos'))
  app.use('alias', app.service('todos'))
  const { rest, socket } = await clients(app)
  expect((await rest('alias')).body).toEqual(['remote', {}])
  await other.stop()
  expect((await rest('todos')).status).toBe(404)
  await host({ todos: named('another') })
  await until(() => remoteAt(app, 'todos'))
  expect((await rest('alias')).body).toEqual(['another', {}])
  expect(await socket('find', 'alias')).toEqual(['another', {}])
})
