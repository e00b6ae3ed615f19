import { connect } from 'node:net'
import type { EventEmitter } from 'node:events'
import type { Application } from '@feathersjs/feathers'
import { DiscoveryPort, frame } from '../transport/cote/wire'
import { until } from '../until'
import { has, NamedService, pluginNodes, type PluginApp } from './plugin-nodes'

const nodes = pluginNodes()

describe('two nodes with the default key and different services', () => {
  it('answer each call on the node that hosts the path, never on the caller', async () => {
    const usersService = new NamedService('users')
    const clocksService = new NamedService('clocks')
    const users = nodes.coteApp()
    users.use('users', usersService)
    const clocks = nodes.coteApp()
    clocks.use('clocks', clocksService)
    const third = nodes.coteApp()
    await until('all are there', () =>
      has(users, 'clocks') && has(clocks, 'users') && has(third, 'users') && has(third, 'clocks'))
    for (let round = 0; round < 5; round++) {
      expect(await users.service('clocks').find()).toBe('clocks')
      expect(await clocks.service('users').find()).toBe('users')
      expect(await third.service('users').find()).toBe('users')
      expect(await third.service('clocks').find()).toBe('clocks')
    }
    expect([usersService.calls.length, clocksService.calls.length]).toEqual([10, 10])
  })
})

interface CoteRequester extends EventEmitter {
  send (request: object): Promise<unknown>
  close (): void
}

interface Cote { readonly Requester: new (advertisement: object, options: object) => CoteRequester }

/** cote's own Requester, which knows nothing of contracts: it sends to any responder of its key. */
async function startRequester (): Promise<CoteRequester> {
  const { broadcast, environment } = nodes.cote()
  // cote has no types.
  const makeCote = jest.requireActual<(options: object) => Cote>('cote')
  const { Requester } = makeCote({ environment })
  const requester = new Requester(
    { name: 'a stranger', key: 'default', namespace: 'default', timeout: 5_000 },
    { broadcast, log: false, helloInterval: 100 }
  )
  nodes.after(() => requester.close())
  await new Promise(resolve => requester.once('cote:added', resolve))
  return requester
}

/** The port of the one node of the test. */
async function portOf (environment: string): Promise<number> {
  const discovery = new DiscoveryPort()
  await discovery.open()
  nodes.after(() => discovery.close())
  const hello = await until('its hello', () =>
    discovery.hellos.find(({ data }) => data.advertisement.key.startsWith(`${environment}:`)))
  return hello.data.advertisement.port
}

/** What a node says to a frame, as text; the connection is new. */
async function answerTo (port: number, bytes: Buffer): Promise<string> {
  return await new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    socket.once('data', answer => {
      resolve(answer.toString())
      socket.destroy()
    })
    socket.once('error', reject)
    socket.once('close', () => resolve('closed'))
  })
}

/** A service that records every method that runs. */
class Spied extends NamedService {
  async setup (): Promise<void> { this.calls.push('setup') }
  async teardown (): Promise<void> { this.calls.push('teardown') }
  async secret (): Promise<string> {
    this.calls.push('secret')
    return 'secret'
  }
}

describe('a service hidden by the option `services`', () => {
  /** What a stranger gets for each request, without what names the request itself. */
  async function ask (requester: CoteRequester, request: Record<string, unknown>): Promise<object> {
    try {
      return { result: await requester.send(request) }
    } catch (error) {
      const { message, data, ...rest } = error as { message: string, data: Record<string, unknown> }
      return { ...rest, message: message.replace(/^'.*'|^.*\(\)/, 'it'), data: Object.keys(data).sort() }
    }
  }

  function startHost (): { app: PluginApp, hidden: Spied, shown: Spied } {
    const hidden = new Spied('hidden')
    const shown = new Spied('shown')
    const app = nodes.coteApp({ services: ['shown'], distributedMethods: ['find', 'greet'] })
    app.use('hidden', hidden, { methods: ['find', 'create', 'greet', 'secret'] })
    app.use('shown', shown, { methods: ['find', 'create', 'secret'] })
    return { app, hidden, shown }
  }

  const UNKNOWN = {
    name: 'NotFound',
    message: 'it is not offered by this node',
    code: 404,
    className: 'not-found',
    refused: true,
    data: ['code', 'method', 'outcome', 'path']
  }

  const METHODS = [
    'find', 'get', 'create', 'update', 'patch', 'remove', 'greet', 'secret', 'healthcheck', 'setup', 'teardown',
    'constructor', '__proto__', 'toString', 'hasOwnProperty', 'prototype', 'emit', 'on', 'hooks', 'publish', ''
  ]

  it('answers every request like a path that never existed, and runs nothing', async () => {
    const { hidden } = startHost()
    const requester = await startRequester()
    const paths = [
      'never-there', 'hidden', '/hidden/', 'hidden/', '__proto__', 'constructor', 'toString', 'distribution/healthcheck'
    ]
    for (const path of paths) {
      for (const type of METHODS) {
        const request = { type, path, key: 'default', id: 1, data: {}, params: {} }
        expect([path, type, await ask(requester, request)]).toEqual([path, type, UNKNOWN])
      }
    }
    expect(hidden.calls).toEqual([])
  })

  it('answers in the same way when the path is not a string or the request has other fields', async () => {
    const { hidden } = startHost()
    const requester = await startRequester()
    const paths: unknown[] = [null, undefined, 7, ['hidden'], { toString: 1 }, { path: 'hidden' }, '']
    for (const path of paths) expect(await ask(requester, { type: 'find', path })).toEqual(UNKNOWN)
    for (const key of ['other', 'services', null]) {
      const request = { type: 'find', path: 'hidden', key, service: 'hidden', method: 'find' }
      expect(await ask(requester, request)).toEqual(UNKNOWN)
    }
    expect(hidden.calls).toEqual([])
  })

  it('reveals as little as the hidden methods of an offered service, none of which run', async () => {
    const { shown } = startHost()
    const requester = await startRequester()
    for (const type of METHODS.filter(name => !['find', 'healthcheck'].includes(name))) {
      const request = { type, path: 'shown', key: 'default', id: 1, data: {}, params: {} }
      expect([type, await ask(requester, request)]).toEqual([type, UNKNOWN])
    }
    expect(shown.calls).toEqual([])
    expect(await ask(requester, { type: 'find', path: 'shown', key: 'default' })).toEqual({ result: 'shown' })
    expect(shown.calls).toEqual(['find'])
  })

  it('is in no list of contracts, and its events are not sent to subscribers', async () => {
    const { environment } = nodes.cote()
    const { app } = startHost()
    const port = await portOf(environment)
    const contracts = await answerTo(port, frame('j:{"type":"mesh:contracts"}', 's:1'))
    expect(contracts).toContain('shown')
    expect(contracts).not.toContain('hidden')

    const heard = await new Promise<string>(resolve => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.write(frame('j:{"type":"mesh:listen","data":["hidden","shown"]}', 's:1'))
      })
      nodes.after(() => socket.destroy())
      let bytes = ''
      socket.once('data', () => {
        app.service('hidden').emit('created', { name: 'hidden event' })
        app.service('shown').emit('created', { name: 'shown event' })
      })
      socket.on('data', chunk => {
        bytes += chunk.toString()
        if (bytes.includes('shown event')) resolve(bytes)
      })
    })
    expect(heard).not.toContain('hidden event')
  })

  it('is unreachable even for nodes that deliberately call it', async () => {
    const { hidden } = startHost()
    const consumer = nodes.coteApp({ timeout: 200 })
    await until('the other one is there', () => has(consumer, 'shown'))
    expect(has(consumer, 'hidden')).toBe(false)
    const call = consumer.serviceRequesters?.default?.send({ type: 'find', key: 'default', path: 'hidden' })
    await expect(call).rejects.toMatchObject({ name: 'Unavailable' })
    expect(hidden.calls).toEqual([])
  })
})

describe('params.fromRemote', () => {
  it('can be neither forged nor unset by raw requests', async () => {
    const service = new NamedService('host')
    nodes.coteApp().use('users', service)
    const requester = await startRequester()
    const given = [
      undefined, null, {}, { fromRemote: false }, { fromRemote: null }, 'text', [1], { query: { fromRemote: false } }
    ]
    for (const params of given) await requester.send({ type: 'find', path: 'users', key: 'default', params })
    expect(service.params).toHaveLength(given.length)
    for (const params of service.params) expect(params).toHaveProperty('fromRemote', true)
  })

  it('cannot be set for a local call by a client of a gateway', async () => {
    const service = new NamedService('own')
    const { url } = await nodes.gateway('express', { before: (app: Application) => app.use('own', service) })
    await fetch(`${url}/own?fromRemote=true`, { headers: { fromRemote: 'true' } })
    expect(service.params[0]).not.toHaveProperty('fromRemote')
  })

  it('cannot be used to reach a prototype', async () => {
    const service = new NamedService('host')
    const { environment } = nodes.cote()
    nodes.coteApp().use('users', service)
    const port = await portOf(environment)
    const request = '{"type":"find","path":"users","params":{"__proto__":{"fromRemote":false,"admin":true}}}'
    await answerTo(port, frame(`j:${request}`, 's:1'))
    expect(service.params[0]).toHaveProperty('fromRemote', true)
    expect({}).not.toHaveProperty('admin')
  })
})
