import { BadRequest } from '@feathersjs/errors'
import { feathers } from '@feathersjs/feathers'
import type { DistributedModule, DistributedModuleOptions, Request } from 'feathers-mesh'
import { BareNode } from '../bare-node'
import { idOf, memoryMesh } from '../memory-mesh'
import { TodoService } from '../todo-service'
import { rejection } from '../wait-for'

const mesh = memoryMesh()

const users = { find: async () => ['ann'] }

interface Asked {
  host: DistributedModule
  ask: (request: Partial<Request>) => Promise<unknown>
}

/** A node, and a stranger who asks it whatever he likes. */
async function asked (options: DistributedModuleOptions = {}): Promise<Asked> {
  const app = feathers()
  app.use('users', users)
  const host = await mesh.start({ app, services: [TodoService], ...options })
  const stranger = await new BareNode(mesh.transport()).start()
  return { host, ask: async request => await stranger.ask(idOf(host), request) }
}

describe('a request of another node', () => {
  it('runs the method with its hooks', async () => {
    const { host, ask } = await asked()
    const order: string[] = []
    host.app.service('todos').hooks({
      before: { find: [() => { order.push('before') }] },
      after: { find: [context => { order.push('after'); context.result = ['hooked'] }] }
    })
    host.app.hooks({ before: { all: [() => { order.push('app') }] } })
    expect(await ask({ path: 'todos', type: 'find' })).toEqual(['hooked'])
    expect(order).toEqual(['app', 'before', 'after'])
  })

  it('carries id, data and params to where the method has them', async () => {
    const { host, ask } = await asked()
    await ask({ path: 'todos', type: 'create', data: { title: 'one' }, params: { query: { loud: true } } })
    expect(
      await ask({ path: 'todos', type: 'get', id: 1, params: { query: { n: 2 } } })
    ).toMatchObject({ title: 'one' })
    expect(host.resolve(TodoService).params.map(params => params?.query)).toEqual([{ loud: true }, { n: 2 }])
  })

  it.each<[string, unknown]>([
    ['unset', undefined], ['set to null', null], ['set to false', false], ['set to something else', { admin: true }]
  ])('has params.fromRemote true although the caller had it %s', async (_how, fromRemote) => {
    const { host, ask } = await asked()
    await ask({ path: 'todos', type: 'find', params: { fromRemote } })
    expect(host.resolve(TodoService).params[0]).toHaveProperty('fromRemote', true)
  })

  it.each<[unknown]>([
    [null], [undefined], ['text'], [7], [['a']]
  ])('has params.fromRemote true when its params are %p', async params => {
    const { host, ask } = await asked()
    await ask({ path: 'todos', type: 'find', params } as unknown as Request)
    expect(host.resolve(TodoService).params[0]).toHaveProperty('fromRemote', true)
  })

  it('gets the error of the service with all of its fields', async () => {
    const { host, ask } = await asked()
    host.app.service('todos').hooks({
      before: { find: [() => { throw new BadRequest('no', { hint: 'yes', errors: { a: 1 } }) }] }
    })
    expect(await rejection(ask({ path: 'todos', type: 'find' })))
      .toMatchObject({ name: 'BadRequest', message: 'no', code: 400, data: { hint: 'yes' }, errors: { a: 1 } })
  })

  it('gets an error although its details are such that JSON cannot hold them', async () => {
    const { host, ask } = await asked()
    const circular: Record<string, unknown> = {}
    circular.self = circular
    const thrown: unknown[] = [
      new BadRequest('circular', circular), new BadRequest('big', { n: 1n }), Object.create(null)
    ]
    host.app.service('todos').hooks({ before: { find: [() => { throw thrown.shift() }] } })
    expect(await rejection(ask({ path: 'todos', type: 'find' }))).toMatchObject({
      name: 'BadRequest', message: 'circular', code: 400
    })
    expect(await rejection(ask({ path: 'todos', type: 'find' }))).toMatchObject({ name: 'BadRequest', message: 'big' })
    expect(await rejection(ask({ path: 'todos', type: 'find' }))).toMatchObject({
      message: expect.stringContaining('no error was thrown')
    })
  })

  it('gets an error when the result is such that JSON cannot hold it', async () => {
    const { host, ask } = await asked()
    host.app.service('todos').hooks({ after: { find: [context => { context.result = 1n }] } })
    expect(await rejection(ask({ path: 'todos', type: 'find' })))
      .toMatchObject({ name: 'TypeError', message: expect.stringContaining("the result can't be sent") })
  })

  it('is answered for a healthcheck of what is offered, and of nothing else', async () => {
    const { ask } = await asked({ services: [TodoService, 'nothing'] })
    expect(await ask({ path: 'todos', type: 'healthcheck' })).toBe(true)
    await expect(ask({ path: 'users', type: 'healthcheck' })).rejects.toMatchObject({ name: 'TransportError' })
    await expect(ask({ path: 'never', type: 'healthcheck' })).rejects.toMatchObject({ name: 'TransportError' })
  })
})

describe('what is not in a contract', () => {
  it.each([
    ['setup'], ['teardown'], ['hooks'], ['emit'], ['on'], ['publish'], ['constructor'], ['toString'], ['__proto__'],
    ['hasOwnProperty'],
    ['wipe'], ['update'], ['byId'], ['todos'], [''], ['mesh:contracts']
  ])("can't be called: '%s' of a decorated class", async type => {
    const { host, ask } = await asked()
    host.resolve(TodoService).todos.push({ id: 1, title: 'still here', done: false })
    const error = await rejection(ask({ path: 'todos', type }))
    expect(error).toMatchObject({ name: 'TransportError', outcome: 'not-sent' })
    expect(error.message).toBe(`todos.${type}() is not offered by this node`)
    expect(host.resolve(TodoService).todos).toHaveLength(1)
  })

  it.each([['constructor'], ['__proto__'], ['toString'], ['']])("can't be called: the path '%s'", async path => {
    const { ask } = await asked()
    expect(await rejection(ask({ path, type: 'find' }))).toMatchObject({ outcome: 'not-sent' })
  })

  it.each<[unknown]>([[undefined], [null], [7], [{}]])("can't be called: the path %p", async path => {
    const { ask } = await asked()
    expect(await rejection(ask({ path, type: 'find' } as Request))).toMatchObject({ outcome: 'not-sent' })
  })

  it('is answered alike whether the app has it or not', async () => {
    const { ask } = await asked({ services: [TodoService, 'nothing'] })
    const hidden = await rejection(ask({ path: 'users', type: 'find' }))
    const missing = await rejection(ask({ path: 'other', type: 'find' }))
    expect(hidden.message).toBe(missing.message.replace('other', 'users'))
  })
})

describe('`services` keeps a plain service from being called and seen', () => {
  it.each<[string, DistributedModuleOptions['services']]>([
    ['an empty list', []], ['a list of classes only', [TodoService]],
    ['a list that names others', ['todos']],
    ['a list with a class and the path of another', [TodoService, 'others']],
    ['a function', ({ path }) => path !== 'users']
  ])('by %s', async (_how, services) => {
    const { host, ask } = await asked({ services })
    expect(await rejection(ask({ path: 'users', type: 'find' }))).toMatchObject({ outcome: 'not-sent' })
    const consumer = await mesh.start()
    expect(consumer.nodes().flatMap(node => node.services)).not.toContain('users')
    expect(host.services().map(({ path }) => path)).not.toContain('users')
    // It is the app's own as ever.
    expect(await host.app.service('users').find()).toEqual(['ann'])
  })

  it.each<[string, DistributedModuleOptions['services']]>([
    ['nothing is said', undefined], ['its path is listed', [TodoService, 'users']],
    ['a function takes it', service => service.path === 'users' && service.methods.includes('find')]
  ])('but not when %s', async (_how, services) => {
    const { ask } = await asked({ services })
    expect(await ask({ path: 'users', type: 'find' })).toEqual(['ann'])
  })
})
