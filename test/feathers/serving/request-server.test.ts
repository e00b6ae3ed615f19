import { BadRequest } from '@feathersjs/errors'
import { feathers, type HookContext, type Params } from '@feathersjs/feathers'
import {
  Distributed, DistributedMethod, type DistributedModule, type DistributedModuleOptions, type RemoteService
} from 'feathers-mesh'
import { RequestRefused, type Request } from 'feathers-mesh/transport'
import { BareNode } from '../../bare-node'
import { idOf, memoryMesh } from '../../memory-mesh'
import { TodoService } from '../../todo-service'
import { rejection, until } from '../../until'

const mesh = memoryMesh()
/** What the host knows of a bare node. */
const caller = { node: 'bare-node', key: 'default', proven: true, address: 'memory' }

/** A service whose calls end when the test, or their caller, lets them. */
@Distributed('slow')
class SlowService {
  running = 0
  /** What the signals of its calls said. */
  readonly ended: string[] = []
  todos: RemoteService<TodoService> | undefined
  private waiting: Array<() => void> = []

  /** Ends the calls of `late` that are under way. */
  goOn (): void {
    for (const end of this.waiting.splice(0)) end()
  }

  @DistributedMethod()
  async untilAborted (_data?: object, params?: Params): Promise<string> {
    this.running++
    const signal = params?.signal
    if (signal === undefined) throw new Error('there is no signal')
    await new Promise(resolve => { signal.addEventListener('abort', resolve) })
    return this.end(signal)
  }

  @DistributedMethod()
  async late (_data?: object, params?: Params): Promise<string> {
    this.running++
    await new Promise<void>(resolve => { this.waiting.push(resolve) })
    return this.end(params?.signal)
  }

  @DistributedMethod()
  async nested (): Promise<unknown> {
    return await this.todos?.find()
  }

  private end (signal: AbortSignal | undefined): string {
    this.running--
    const how = String(signal?.reason)
    this.ended.push(how)
    return how
  }
}

/** A service that calls another one. */
@Distributed('outer')
class OuterService {
  slow: RemoteService<SlowService> | undefined
  readonly ended: string[] = []

  @DistributedMethod()
  async ask (): Promise<unknown> {
    try {
      return await this.slow?.untilAborted()
    } catch (error) {
      this.ended.push(String(error))
      throw error
    }
  }
}

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

describe('a request from another node', () => {
  it('runs the method with its hooks', async () => {
    const { host, ask } = await asked()
    const order: string[] = []
    host.app.service('todos').hooks({
      before: { find: [() => { order.push('before') }] },
      after: { find: [context => { order.push('after'); context.result = ['hooked'] }] }
    })
    host.app.hooks({ before: { all: [() => { order.push('app') }] } })
    expect(await ask({ path: 'todos', method: 'find' })).toEqual(['hooked'])
    expect(order).toEqual(['app', 'before', 'after'])
  })

  it("passes id, data and params in the order of the method's arguments", async () => {
    const { host, ask } = await asked()
    await ask({ path: 'todos', method: 'create', data: { title: 'one' }, params: { query: { loud: true } } })
    expect(
      await ask({ path: 'todos', method: 'get', id: 1, params: { query: { n: 2 } } })
    ).toMatchObject({ title: 'one' })
    expect(host.resolve(TodoService).params.map(params => params?.query)).toEqual([{ loud: true }, { n: 2 }])
  })

  it.each<[string, unknown]>([
    ['unset', undefined], ['set to null', null], ['set to false', false], ['set to something else', { admin: true }]
  ])('has params.fromRemote true when the caller sent it %s', async (_how, fromRemote) => {
    const { host, ask } = await asked()
    await ask({ path: 'todos', method: 'find', params: { fromRemote } })
    expect(host.resolve(TodoService).params[0]).toHaveProperty('fromRemote', true)
  })

  it.each<[unknown]>([
    [null], [undefined], ['text'], [7], [['a']]
  ])('has params.fromRemote true when its params are %p', async params => {
    const { host, ask } = await asked()
    await ask({ path: 'todos', method: 'find', params } as unknown as Request)
    expect(host.resolve(TodoService).params[0]).toHaveProperty('fromRemote', true)
  })

  it('fails with the error of the service and all of its fields', async () => {
    const { host, ask } = await asked()
    host.app.service('todos').hooks({
      before: { find: [() => { throw new BadRequest('no', { hint: 'yes', errors: { a: 1 } }) }] }
    })
    expect(await rejection(ask({ path: 'todos', method: 'find' })))
      .toMatchObject({ name: 'BadRequest', message: 'no', code: 400, data: { hint: 'yes' }, errors: { a: 1 } })
  })

  it('fails with whatever was thrown, without the parts that cannot be sent', async () => {
    const { host, ask } = await asked()
    const circular: Record<string, unknown> = { callback: () => {} }
    circular.self = circular
    const thrown: unknown[] = [new BadRequest('circular', circular), new BadRequest('big', { n: 1n }), { reason: 7 }]
    host.app.service('todos').hooks({ before: { find: [() => { throw thrown.shift() }] } })
    const error = await rejection<BadRequest>(ask({ path: 'todos', method: 'find' }))
    expect(error).toMatchObject({ name: 'BadRequest', message: 'circular', code: 400 })
    expect(Object.keys(error.data)).toEqual(['self'])
    expect(error.data.self.self).toBe(error.data.self)
    expect(await rejection(ask({ path: 'todos', method: 'find' }))).toMatchObject({ message: 'big', data: { n: 1n } })
    expect(await rejection(ask({ path: 'todos', method: 'find' }))).toEqual({ reason: 7 })
  })

  it('fails with an error that names the part of the result that cannot be sent', async () => {
    const { host, ask } = await asked()
    host.app.service('todos').hooks({ after: { find: [context => { context.result = [{ retry: () => {} }] }] } })
    expect(await rejection(ask({ path: 'todos', method: 'find' }))).toMatchObject({
      name: 'GeneralError', message: "todos.find(): the result can't be sent: result[0].retry is a function"
    })
  })

  it('succeeds as a healthcheck only for offered services', async () => {
    const { ask } = await asked({ services: [TodoService, 'nothing'] })
    expect(await ask({ path: 'todos', method: 'healthcheck' })).toBe(true)
    await expect(ask({ path: 'users', method: 'healthcheck' })).rejects.toMatchObject({ name: 'TransportError' })
    await expect(ask({ path: 'never', method: 'healthcheck' })).rejects.toMatchObject({ name: 'TransportError' })
  })
})

describe('a name that no contract contains', () => {
  it.each([
    ['setup'], ['teardown'], ['hooks'], ['emit'], ['on'], ['publish'], ['constructor'], ['toString'], ['__proto__'],
    ['hasOwnProperty'],
    ['wipe'], ['update'], ['byId'], ['todos'], [''], ['mesh:contracts']
  ])("is not callable as the method '%s' of a decorated class", async type => {
    const { host, ask } = await asked()
    host.resolve(TodoService).todos.push({ id: 1, title: 'still here', done: false })
    const error = await rejection(ask({ path: 'todos', method: type }))
    expect(error).toMatchObject({ name: 'TransportError', outcome: 'not-sent' })
    expect(error.message).toBe(`todos.${type}() is not offered by this node`)
    expect(host.resolve(TodoService).todos).toHaveLength(1)
  })

  it.each([['constructor'], ['__proto__'], ['toString'], ['']])("is not callable as the path '%s'", async path => {
    const { ask } = await asked()
    expect(await rejection(ask({ path, method: 'find' }))).toMatchObject({ outcome: 'not-sent' })
  })

  it.each<[unknown]>([[undefined], [null], [7], [{}]])('is not callable as the path %p', async path => {
    const { ask } = await asked()
    expect(await rejection(ask({ path, method: 'find' } as Request))).toMatchObject({ outcome: 'not-sent' })
  })

  it('gets the same answer whether or not the app has it', async () => {
    const { ask } = await asked({ services: [TodoService, 'nothing'] })
    const hidden = await rejection(ask({ path: 'users', method: 'find' }))
    const missing = await rejection(ask({ path: 'other', method: 'find' }))
    expect(hidden.message).toBe(missing.message.replace('other', 'users'))
  })
})

describe('a plain service of the app', () => {
  it.each<[string, DistributedModuleOptions['services']]>([
    ['an empty list', []], ['a list of classes only', [TodoService]],
    ['a list that names others', ['todos']],
    ['a list with a class and the path of another', [TodoService, 'others']],
    ['a function', ({ path }) => path !== 'users']
  ])('is hidden and not callable when `services` is %s', async (_how, services) => {
    const { host, ask } = await asked({ services })
    expect(await rejection(ask({ path: 'users', method: 'find' }))).toMatchObject({ outcome: 'not-sent' })
    const consumer = await mesh.start()
    expect(consumer.nodes().flatMap(node => node.services)).not.toContain('users')
    expect(host.services().map(({ path }) => path)).not.toContain('users')
    // It is the app's own as ever.
    expect(await host.app.service('users').find()).toEqual(['ann'])
  })

  it.each<[string, DistributedModuleOptions['services']]>([
    ['`services` is omitted', undefined], ['`services` lists its path', [TodoService, 'users']],
    ['`services` is a function that takes it', service => service.path === 'users' && service.methods.includes('find')]
  ])('is callable when %s', async (_how, services) => {
    const { ask } = await asked({ services })
    expect(await ask({ path: 'users', method: 'find' })).toEqual(['ann'])
  })
})

/** A deadline is by the mesh clock, and params show it by the wall clock at the moment. */
const near = (deadline: number): number => expect.closeTo(deadline, -3) as number // 500 ms

describe('the deadline of a request', () => {
  it('sets params.deadline and params.signal, whatever the caller sent there', async () => {
    const { host, ask } = await asked()
    const deadline = Date.now() + 60_000
    await ask({ path: 'todos', method: 'find', deadline, params: { deadline: 1, signal: 'mine' } })
    const [params] = host.resolve(TodoService).params
    expect(params).toMatchObject({ deadline: near(deadline), fromRemote: true })
    expect(params?.signal).toBeInstanceOf(AbortSignal)
    expect(params?.signal?.aborted).toBe(false)
  })

  it('stays in the params with its signal when a hook copies them', async () => {
    const { host, ask } = await asked()
    host.app.service('todos').hooks({
      before: { find: [async (context: HookContext) => { context.params = { ...context.params, copied: true } }] }
    })
    const deadline = Date.now() + 60_000
    await ask({ path: 'todos', method: 'find', deadline, params: { query: { a: 1 } } })
    const [params] = host.resolve(TodoService).params
    expect(params).toEqual({
      query: { a: 1 },
      fromRemote: true,
      caller,
      deadline: near(deadline),
      signal: expect.any(AbortSignal) as unknown,
      copied: true
    })
  })

  it('keeps its signal when a hook copies the params by property descriptors', async () => {
    const { host, ask } = await asked()
    host.app.service('todos').hooks({
      before: { find: [async (context: HookContext) => {
        context.params = Object.defineProperties({}, Object.getOwnPropertyDescriptors(context.params))
      }] }
    })
    await ask({ path: 'todos', method: 'find', deadline: Date.now() + 60_000 })
    expect(host.resolve(TodoService).params[0]?.signal).toBeInstanceOf(AbortSignal)
  })

  it('is not set when the caller sent none or an invalid one', async () => {
    const { host, ask } = await asked()
    const deadlines = [undefined, null, 'soon', {}, NaN, Infinity] as number[]
    for (const deadline of deadlines) await ask({ path: 'todos', method: 'find', deadline })
    for (const params of host.resolve(TodoService).params) expect(params).toEqual({ fromRemote: true, caller })
  })

  it('rejects the request before it runs when it has already passed', async () => {
    const { host, ask } = await asked()
    const error = await rejection(ask({ path: 'todos', method: 'find', deadline: Date.now() - 1 }))
    expect(error).toBeInstanceOf(RequestRefused)
    expect(error).toMatchObject({ outcome: 'not-sent', cause: { name: 'Timeout' } })
    expect(host.resolve(TodoService).params).toEqual([])
  })

  it('aborts the signal when it passes during the call', async () => {
    const { ask } = await asked({ services: [SlowService] })
    const answer = await ask({ path: 'slow', method: 'untilAborted', deadline: Date.now() + 20 })
    expect(answer).toBe('AbortError: the time of the call is over')
  })

  it('may be further away than the longest timer', async () => {
    const { host, ask } = await asked()
    await ask({ path: 'todos', method: 'find', deadline: Date.now() + 2 ** 40 })
    expect(host.resolve(TodoService).params[0]?.signal?.aborted).toBe(false)
  })

  it('is passed on to the calls that the service makes', async () => {
    const inner = await mesh.start({ services: [TodoService] })
    const { host, ask } = await asked({ services: [SlowService], remotes: ['todos'] })
    const deadline = Date.now() + 1_000
    host.resolve(SlowService).todos = host.remote<TodoService>('todos')
    await ask({ path: 'slow', method: 'nested', deadline })
    expect(inner.resolve(TodoService).params[0]?.deadline).toEqual(near(deadline))
  })
})

describe('a request that its caller cancels', () => {
  it('aborts params.signal and the calls that the service makes', async () => {
    const inner = await mesh.start({ services: [SlowService], key: 'inner', distributedMethods: ['untilAborted'] })
    const host = await mesh.start({ services: [OuterService], remotes: ['slow'] })
    host.resolve(OuterService).slow = host.remote<SlowService>('slow')
    const consumer = await mesh.start({ remotes: ['outer'] })
    const controller = new AbortController()
    const call = consumer.remote<OuterService>('outer').with({ signal: controller.signal }).ask()
    const service = inner.resolve(SlowService)
    await until(() => service.running === 1)
    controller.abort(new Error('changed my mind'))
    expect((await rejection(call)).message).toBe('changed my mind')
    await until(() => service.running === 0)
    expect(service.ended).toEqual(['AbortError: its caller gave the call up'])
    expect(host.resolve(OuterService).ended).toEqual(['AbortError: its caller gave the call up'])
  })

  it('aborts a signal that is first read after the cancellation', async () => {
    const host = await mesh.start({ services: [SlowService] })
    const service = host.resolve(SlowService)
    const stranger = await new BareNode(mesh.transport()).start()
    const request = { method: 'late', key: 'default', path: 'slow', deadline: Date.now() + 60_000 }
    const id = stranger.transport.request(idOf(host), request, { settle: () => {}, fail: () => {} })
    await until(() => service.running === 1)
    stranger.transport.cancel(idOf(host), id)
    // The cancel is on its way before this request, which is answered behind it.
    await stranger.ask(idOf(host), { path: 'slow', method: 'healthcheck' })
    service.goOn()
    await until(() => service.running === 0)
    expect(service.ended).toEqual(['AbortError: its caller gave the call up'])
  })
})

describe('requests beyond `maxInFlight`', () => {
  it('are rejected at once until an earlier request has been answered', async () => {
    const { host, ask } = await asked({ services: [SlowService], maxInFlight: 2 })
    const service = host.resolve(SlowService)
    const held = [1, 2].map(async () => await ask({ path: 'slow', method: 'late' }))
    await until(() => service.running === 2)
    const error = await rejection(ask({ path: 'slow', method: 'late' }))
    expect(error).toBeInstanceOf(RequestRefused)
    expect(error).toMatchObject({
      message: 'slow.late(): this node serves 2 requests already', outcome: 'not-sent',
      cause: { name: 'TooManyRequests', code: 429, data: { path: 'slow', method: 'late', outcome: 'not-sent' } }
    })
    // The node is still healthy.
    expect(await ask({ path: 'slow', method: 'healthcheck' })).toBe(true)
    service.goOn()
    await Promise.all(held)
    const next = ask({ path: 'slow', method: 'late' })
    await until(() => service.running === 1)
    service.goOn()
    await next
  })

  it('are sent to another replica by their callers, even if they are not idempotent', async () => {
    const [small, large] = await Promise.all([
      mesh.start({ services: [SlowService], maxInFlight: 1 }), mesh.start({ services: [SlowService] })
    ])
    const consumer = await mesh.start({ remotes: ['slow'], routing: 'roundRobin' })
    await until(() => consumer.services().some(({ nodes }) => nodes.length === 2))
    const calls = Array.from({ length: 10 }, async () => await consumer.remote<SlowService>('slow').late())
    await until(() => large.resolve(SlowService).running === 9)
    expect(small.resolve(SlowService).running).toBe(1)
    small.resolve(SlowService).goOn()
    large.resolve(SlowService).goOn()
    await Promise.all(calls)
  })

  it('do not include earlier calls that failed', async () => {
    const { ask } = await asked({ maxInFlight: 1 })
    for (let n = 0; n < 3; n++) {
      expect(await rejection(ask({ path: 'todos', method: 'get', id: 7 }))).toMatchObject({ name: 'NotFound' })
    }
  })
})
