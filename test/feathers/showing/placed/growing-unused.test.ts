import { feathers, getServiceOptions, type Application } from '@feathersjs/feathers'
import type { Contract } from 'feathers-mesh'
import { BareNode } from '../../../bare-node'
import { memoryMesh } from '../../../memory-mesh'
import { until } from '../../../until'
import { gateways, has } from '../../gateways'

const mesh = memoryMesh()
const { bare, clients } = gateways()
const nodes: BareNode[] = []

const PATHS = ['todos', 'tasks', 'users']

afterEach(async () => {
  await Promise.all(nodes.splice(0).map(async ({ transport }) => await transport.stop(1)))
})

const contractsOf = (methods: string[], events: string[]): Contract[] =>
  PATHS.map(path => ({ path, methods: methods.map(name => ({ name, idempotent: false })), events }))

/** A node that answers each call with the name of the method. */
async function offering (id: string, methods: string[], events = ['created']): Promise<BareNode> {
  const contracts = contractsOf(methods, events)
  const node = new BareNode(mesh.transport(), { id, contracts, serve: ({ method }, reply) => reply(null, method) })
  nodes.push(node)
  return await node.start()
}

/** An app that knows services with one method. */
async function knowing (app: Application = feathers()): Promise<{ app: Application, first: BareNode }> {
  await mesh.start({ app })
  const first = await offering('first-node', ['find'])
  await until(() => PATHS.every(path => has(app, path)))
  return { app, first }
}

const made = (app: Application): string[] => PATHS.filter(path => Object.hasOwn(app.service(path), 'hooks'))

/** The methods that clients see. */
const shown = (app: Application, path: string): readonly string[] => getServiceOptions(app.service(path)).methods ?? []

const call = async (app: Application, path: string, method: string): Promise<unknown> => {
  const service: object = app.service(path)
  return await (Reflect.get(service, method) as (data: unknown) => unknown).call(service, {})
}

describe('unused services whose hosts are upgraded one by one', () => {
  it('get the methods of the new release without being made, and lose none of the old one', async () => {
    const { app, first } = await knowing()
    const todos = app.service('todos')
    const told: string[] = []
    app.on('service', ({ path }: { path: string }) => told.push(path))
    await offering('second-node', ['find', 'archive'])
    await until(() => PATHS.every(path => 'archive' in app.service(path)))
    expect([made(app), told]).toEqual([[], PATHS])
    await first.transport.stop(1)
    await offering('third-node', ['archive'])
    await nodes[1]?.transport.stop(1)
    await until(() => PATHS.every(path => shown(app, path).join() === 'archive'))
    expect([made(app), told]).toEqual([[], PATHS])
    expect('find' in todos).toBe(true)
    todos.hooks({ after: { all: [context => { context.result = `${String(context.result)} hooked` }] } })
    expect(await call(app, 'todos', 'archive')).toBe('archive hooked')
    await expect(todos.find()).rejects.toMatchObject({ name: 'MethodNotAllowed' })
    expect([made(app), shown(app, 'todos')]).toEqual([['todos'], ['archive']])
  })

  it('get methods and keep hooks that come after the first use', async () => {
    const { app } = await knowing()
    app.service('todos').hooks({ after: { all: [context => { context.result = 'hooked' }] } })
    await offering('second-node', ['find', 'archive'])
    await until(() => PATHS.every(path => 'archive' in app.service(path)))
    expect(made(app)).toEqual(['todos'])
    expect([await call(app, 'todos', 'archive'), await call(app, 'tasks', 'archive')]).toEqual(['hooked', 'archive'])
  })

  it('get the events of the new release, which reach clients', async () => {
    const { app } = await knowing(bare('express'))
    const to = await clients(app)
    const heard: unknown[] = []
    to.on('todos archived', payload => heard.push(payload))
    const second = await offering('second-node', ['find'], ['created', 'archived'])
    const eventsOf = (path: string): readonly string[] => getServiceOptions(app.service(path)).serviceEvents ?? []
    await until(() => PATHS.every(path => eventsOf(path).includes('archived')))
    expect(made(app)).toEqual([])
    await until(() => {
      second.transport.publish({ path: 'todos', key: 'default', event: 'archived', args: [1] })
      return new Promise(resolve => setImmediate(resolve)).then(() => heard.length > 0)
    })
    expect([made(app), heard[0]]).toEqual([['todos'], 1])
  })

  it.each([false, true])('get no method that Feathers forbids, in use: %s', async isInUse => {
    const { app } = await knowing()
    if (isInUse) await app.service('todos').find()
    await offering('second-node', ['find', 'hooks', 'on', 'archive'])
    await until(() => PATHS.every(path => 'archive' in app.service(path)))
    app.service('todos').hooks({ after: { all: [context => { context.result = 'hooked' }] } })
    expect([await call(app, 'todos', 'find'), await call(app, 'todos', 'archive')]).toEqual(['hooked', 'hooked'])
    expect(shown(app, 'todos')).toEqual(['find', 'archive'])
  })

  it('get new methods also where the program has frozen a method of them', async () => {
    const { app } = await knowing()
    Object.defineProperty(app.service('todos'), 'find', { value: async () => 'mocked' })
    app.service('todos').hooks({ after: { all: [context => { context.result = 'hooked' }] } })
    await offering('second-node', ['find', 'archive'])
    await until(() => PATHS.every(path => 'archive' in app.service(path)))
    expect([await call(app, 'todos', 'find'), await call(app, 'todos', 'archive')]).toEqual(['mocked', 'hooked'])
  })
})
