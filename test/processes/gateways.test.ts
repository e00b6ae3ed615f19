import { io, type Socket } from 'socket.io-client'
import type { ServiceInfo } from '../../lib/module/distributed-module'
import type { TestProcess } from '../process'
import { TestProcesses } from '../process'
import { atMost, until } from '../until'
import type { Todo } from './todo-service'

const processes = new TestProcesses()

interface Answer {
  status: number
  body: Partial<Todo> & { name?: string, errors?: unknown }
}

async function request (
  url: string, method: string, body?: object, headers: Record<string, string> = {}
): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: { accept: 'application/json', 'content-type': 'application/json', ...headers },
    body: body === undefined ? undefined : JSON.stringify(body)
  })
  return { status: response.status, body: await response.json() as Answer['body'] }
}

async function startHost (env: NodeJS.ProcessEnv = {}): Promise<TestProcess> {
  const host = await processes.run('host', env)
  await host.ask('start')
  return host
}

/** What class-validator finds wrong with an empty title. */
const faultsOfEmptyTitle = [
  { path: 'title', constraints: { isLength: 'title must be longer than or equal to 1 characters' } }
]

/** The one answer to `find`. */
const found = [{ id: 1, title: 'Water the plants', replica: 'A' }]

describe('an Express gateway that starts before its service is discovered', () => {
  let gateway: TestProcess
  let url: string
  const sockets: Socket[] = []

  beforeEach(async () => {
    gateway = await processes.run('express-gateway')
    url = `http://127.0.0.1:${await gateway.ask<number>('listen')}`
  })

  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.disconnect()
  })

  async function connect (): Promise<Socket> {
    const socket = io(url, { transports: ['websocket'], reconnection: false })
    sockets.push(socket)
    await new Promise<void>((resolve, reject) => { socket.once('connect', resolve).once('connect_error', reject) })
    return socket
  }

  /** Calls as Feathers' socket client does: the callback gets an error, or a result. */
  async function call (socket: Socket, method: string, ...args: unknown[]): Promise<unknown> {
    const called = new Promise((resolve, reject) => {
      socket.emit(method, 'todos', ...args, (error: Error | null, value: unknown) => {
        if (error) reject(error)
        else resolve(value)
      })
    })
    return await atMost(10_000, called, () => `the gateway did not answer '${method}'`)
  }

  /** Everything of these events that a client gets, as `event title`. */
  function record (socket: Socket): string[] {
    const heard: string[] = []
    for (const event of ['created', 'updated', 'patched', 'removed', 'completed']) {
      socket.on(`todos ${event}`, ({ title }: Todo) => heard.push(`${event} ${title}`))
    }
    return heard
  }

  /** Emits marks until the client gets one; what was emitted before has arrived then, as often as it ever will. */
  async function mark (host: TestProcess, heard: string[], title: string): Promise<void> {
    await until(`the mark '${title}'`, async () => {
      await host.ask('emit', title)
      return heard.includes(`completed ${title}`)
    })
  }

  it('answers 404 at first and then serves the service over REST', async () => {
    expect(await request(`${url}/todos`, 'GET')).toMatchObject({ status: 404, body: { name: 'NotFound' } })
    await startHost()
    await gateway.hears('service')

    expect(await request(`${url}/todos`, 'GET')).toEqual({ status: 200, body: found })
    expect(await request(`${url}/todos/7`, 'GET')).toMatchObject({ status: 200, body: { id: '7' } })
    expect(await request(`${url}/todos`, 'POST', { title: 'Buy milk' })).toMatchObject({ status: 201, body: { title: 'Buy milk' } })
    expect(await request(`${url}/todos/7`, 'PUT', { title: 'Buy milk' })).toMatchObject({ status: 200, body: { id: '7' } })
    expect(await request(`${url}/todos/7`, 'PATCH', { title: 'Buy milk' })).toMatchObject({ status: 200, body: { id: '7' } })
    expect(await request(`${url}/todos/7`, 'DELETE')).toMatchObject({ status: 200, body: { id: '7' } })
    expect(await request(`${url}/todos`, 'POST', { title: 'Buy milk' }, { 'x-service-method': 'complete' }))
      .toMatchObject({ status: 200, body: { title: 'Buy milk' } })
    expect(await request(`${url}/elsewhere`, 'GET')).toMatchObject({ status: 404, body: { name: 'NotFound' } })
    expect(await request(`${url}/todos/none`, 'GET')).toMatchObject({ status: 404, body: { message: 'There is no todo none' } })
  })

  it('serves a socket that connected before the discovery, with custom methods and each event once', async () => {
    const socket = await connect()
    const heard = record(socket)
    const host = await startHost()
    await gateway.hears('service')
    await mark(host, heard, 'listening')

    expect(await call(socket, 'find', {})).toEqual(found)
    expect(await call(socket, 'get', 7, {})).toMatchObject({ id: 7 })
    expect(await call(socket, 'create', { title: 'Buy milk' }, {})).toMatchObject({ title: 'Buy milk' })
    expect(await call(socket, 'complete', { title: 'Buy milk' }, {})).toMatchObject({ title: 'Buy milk' })
    await request(`${url}/todos/7`, 'PATCH', { title: 'Buy bread' })
    await mark(host, heard, 'done')
    expect(heard.filter(event => /Buy/.test(event))).toEqual(['created Buy milk', 'completed Buy milk', 'patched Buy bread'])
  })

  it('serves a socket that connects after the discovery', async () => {
    const host = await startHost()
    await gateway.hears('service')
    const socket = await connect()
    const heard = record(socket)
    await mark(host, heard, 'listening')
    expect(await call(socket, 'complete', { title: 'Buy milk' }, {})).toMatchObject({ title: 'Buy milk' })
    await mark(host, heard, 'done')
    expect(heard.filter(event => /Buy/.test(event))).toEqual(['completed Buy milk'])
  })

  it('sends clients each event of two replicas once, even after one has restarted', async () => {
    const [a, b] = await Promise.all([startHost(), startHost({ REPLICA: 'B' })])
    await gateway.until('both replicas', async () => {
      const [todos] = await gateway.ask<ServiceInfo[]>('services')
      return todos?.nodes.length === 2
    })
    const socket = await connect()
    const heard = record(socket)
    for (const host of [a, b]) await mark(host, heard, `from ${await host.ask<string>('id')}`)

    await a.stop()
    const secondA = await startHost()
    await mark(secondA, heard, 'from the second A')
    await call(socket, 'create', { title: 'Buy milk' }, {})
    await call(socket, 'create', { title: 'Buy bread' }, {})
    for (const host of [secondA, b]) await mark(host, heard, `done ${await host.ask<string>('id')}`)
    expect(heard.filter(event => /Buy/.test(event)).sort()).toEqual(['created Buy bread', 'created Buy milk'])
  })

  it('answers invalid data with 400 over REST and the same BadRequest to sockets and nodes', async () => {
    await startHost()
    await gateway.hears('service')
    const consumer = await processes.run('consumer')
    await consumer.ask('start')
    const socket = await connect()

    const rest = await request(`${url}/todos`, 'POST', { title: '' })
    expect(rest).toMatchObject({ status: 400, body: { name: 'BadRequest', errors: faultsOfEmptyTitle } })
    const refusal = { name: 'BadRequest', code: 400, errors: faultsOfEmptyTitle }
    await expect(call(socket, 'create', { title: '' }, {})).rejects.toMatchObject(refusal)
    await expect(consumer.ask('call', { method: 'create', args: [{ title: '' }] })).rejects.toMatchObject(refusal)

    const custom = await request(`${url}/todos`, 'POST', {}, { 'x-service-method': 'complete' })
    expect(custom).toMatchObject({ status: 400, body: { name: 'BadRequest', errors: [{ path: 'title' }] } })
    const same = { name: 'BadRequest', errors: custom.body.errors }
    await expect(call(socket, 'complete', {}, {})).rejects.toMatchObject(same)
    await expect(consumer.ask('call', { method: 'complete', args: [{}] })).rejects.toMatchObject(same)
  })

  it('exits on its own after teardown', async () => {
    await startHost()
    await gateway.hears('service')
    await request(`${url}/todos`, 'GET', undefined, { connection: 'close' })
    expect(await gateway.stop()).toBe(0)
  })
})

describe('a Koa gateway', () => {
  it('serves a service that it discovers while it runs', async () => {
    const gateway = await processes.run('koa-gateway')
    const url = `http://127.0.0.1:${await gateway.ask<number>('listen')}`
    expect((await request(`${url}/todos`, 'GET')).status).toBe(404)
    await startHost()
    await gateway.hears('service')

    expect(await request(`${url}/todos`, 'GET')).toEqual({ status: 200, body: found })
    expect(await request(`${url}/todos`, 'POST', { title: 'Buy milk' })).toMatchObject({ status: 201, body: { title: 'Buy milk' } })
    expect(await request(`${url}/todos`, 'POST', { title: 'Buy milk' }, { 'x-service-method': 'complete' }))
      .toMatchObject({ status: 200, body: { title: 'Buy milk' } })
    expect(await request(`${url}/todos`, 'POST', { title: '' }))
      .toMatchObject({ status: 400, body: { name: 'BadRequest', errors: faultsOfEmptyTitle } })
  })
})
