import { setTimeout as delay } from 'node:timers/promises'
import type { ServiceInfo, StopOptions } from 'feathers-mesh'
import { TestProcesses, type TestProcess } from '../process'

const processes = new TestProcesses()

interface Started {
  readonly node: TestProcess
  readonly url: string
}

interface Probe {
  readonly status: number
  readonly body: unknown
}

async function start (stop: StopOptions = {}, env: NodeJS.ProcessEnv = {}): Promise<Started> {
  const node = await processes.run('signal-node', { STOP: JSON.stringify(stop), ...env })
  return { node, url: `http://127.0.0.1:${await node.ask<number>('listen')}` }
}

async function startHost (): Promise<TestProcess> {
  const host = await processes.run('host')
  await host.ask('start')
  return host
}

async function get (url: string): Promise<Probe> {
  const response = await fetch(url, { headers: { connection: 'close' } })
  return { status: response.status, body: await response.json() }
}

const pathsOf = async (node: TestProcess): Promise<string[]> =>
  (await node.ask<ServiceInfo[]>('services')).map(({ path }) => path)

/** Another signal within this time is the same one, which came by two ways. */
const AFTER_THE_SAME = 300
const LONG = 60_000

describe('a node that stops on signals', () => {
  it('is not ready at once after SIGTERM, and goes on: it serves HTTP, calls others, hears events', async () => {
    const { node, url } = await start({ shutdownDelay: LONG })
    expect(await get(`${url}/readyz`)).toEqual({ status: 200, body: { status: 'SERVING' } })
    node.signal('SIGTERM')
    await node.until('503', async () => (await get(`${url}/readyz`)).status === 503)
    expect(await get(`${url}/livez`)).toEqual({ status: 200, body: { status: 'SERVING' } })
    expect(await node.ask('health')).toEqual({ status: 'NOT_SERVING', joined: true, draining: true, remotes: {} })
    // Only now: it finds newcomers as well.
    const host = await startHost()
    await node.until('the todos', async () => (await pathsOf(node)).includes('todos'))
    expect(await node.ask('find')).toEqual(expect.any(Array))
    await node.until('an event', async () => {
      await host.ask('emit', 'Buy milk')
      return node.told('heard').length > 0
    })
    expect((await get(`${url}/own`)).body).toEqual([expect.any(Number)])
  })

  it('gets no new calls of other nodes after SIGTERM', async () => {
    const [{ node: leaving }, { node: other }] = await Promise.all([start({ shutdownDelay: LONG }), start()])
    const hostsOfOwn = async (): Promise<number | undefined> =>
      (await other.ask<Array<{ key: string }>>('nodes')).length
    await other.until('both', async () => await hostsOfOwn() === 2)
    leaving.signal('SIGTERM')
    await other.until('the goodbye', async () => await hostsOfOwn() === 1)
    expect(await leaving.ask('health')).toMatchObject({ joined: true, draining: true })
  })

  it('tears its app down after shutdownDelay, once it has left the mesh, and exits with 0', async () => {
    const { node } = await start({ shutdownDelay: 100 })
    node.signal('SIGTERM')
    expect(await node.end()).toBe(0)
    expect(node.told('torn down')).toEqual([
      { health: { status: 'NOT_SERVING', joined: false, draining: true, remotes: {} }, isListening: true }
    ])
  })

  it('does not wait after SIGINT', async () => {
    const { node } = await start({ shutdownDelay: LONG })
    node.signal('SIGINT')
    expect(await node.end()).toBe(0)
    expect(node.told('torn down')).toHaveLength(1)
  })

  it('finishes calls of other nodes and of HTTP that are under way', async () => {
    const { node, url } = await start({ shutdownDelay: 0 })
    const answer = get(`${url}/own/700`)
    await node.hears('begun')
    node.signal('SIGTERM')
    expect(await answer).toEqual({ status: 200, body: { served: true } })
    expect(await node.end()).toBe(0)
  })

  it.each([
    ['SIGTERM', 143], ['SIGINT', 130]
  ] as const)('exits at once on a second signal, %s', async (second, code) => {
    const { node } = await start({ shutdownDelay: LONG })
    node.signal('SIGTERM')
    await node.until('draining', async () => (await node.ask<{ draining: boolean }>('health')).draining)
    await delay(AFTER_THE_SAME)
    node.signal(second)
    expect(await node.end()).toBe(code)
    expect(node.told('torn down')).toEqual([])
  })

  it('takes a signal that comes twice at the same time, as npm and the terminal send it, for one', async () => {
    const { node } = await start()
    node.signal('SIGINT')
    node.signal('SIGTERM')
    expect(await node.end()).toBe(0)
  })

  it('exits with 1 when its teardown fails, and says why', async () => {
    const { node } = await start({}, { TEARDOWN: 'fails' })
    node.signal('SIGINT')
    expect(await node.end()).toBe(1)
    expect(node.printed).toContain('this node exits before its teardown has ended: the disk is full')
  })

  it('exits when its teardown does not end', async () => {
    const { node } = await start({ drainTimeout: 100 }, { TEARDOWN: 'hangs' })
    node.signal('SIGINT')
    expect(await node.end()).toBe(0)
    expect(node.printed).toContain('something keeps the app open')
  })

  it('stops before it was started', async () => {
    const node = await processes.run('signal-node')
    node.signal('SIGINT')
    expect(await node.end()).toBe(0)
  })

  it('warns of times that are longer than those of orchestrators', async () => {
    const { node } = await start({ shutdownDelay: 16_000 })
    expect(node.printed).toContain('takes up to 26000 ms')
    const { node: other } = await start({ shutdownDelay: 15_000 })
    expect(other.printed).not.toContain('takes up to')
  })
})
