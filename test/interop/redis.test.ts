import type { DistributionOptions } from 'feathers-mesh'
import type { TestProcess } from '../process'
import { hasRedis, RedisServer } from '../transport/cote/discovery/redis-server'
import { until } from '../until'
import { call, heardBy, InteropMesh, NEW } from './interop-mesh'

const PASSWORD = 'shared'
const OLD = ['two', 'three']

let server: RedisServer
let mesh: InteropMesh
let nodes: Record<string, TestProcess>

/**
 * Old nodes tell their services once, a moment after they first see a node: to one that is not connected by then, never
 * again, unless they are told to repeat it.
 */
const REPEATING = { heartbeatInterval: 1_000 }

/** cote dials host names, and takes no more of a URL than its host and its port. */
function variables (): Record<string, string> {
  return {
    SURVIVES: '1',
    DISCOVERY_HOSTNAME: '127.0.0.1',
    COTE_DISCOVERY_REDIS_URL: server.url,
    COTE_DISCOVERY_REDIS_PASSWORD: PASSWORD
  }
}

const describeWithRedis = hasRedis ? describe : describe.skip

describeWithRedis('nodes of feathers-distributed in Redis mode, and ours', () => {
  beforeAll(async () => {
    server = await RedisServer.start('--requirepass', PASSWORD)
    mesh = new InteropMesh({ broadcast: null })
    const redis = { host: '127.0.0.1', port: server.port, password: PASSWORD }
    const byOption: DistributionOptions = { ...REPEATING, cote: { redis, useHostNames: true } }
    const env = variables()
    const { SURVIVES, DISCOVERY_HOSTNAME } = env
    const [two, three, ours] = await Promise.all([
      mesh.node('two', 'feathers-distributed-2', { key: 'two', paths: ['two'], options: byOption }, {
        SURVIVES, DISCOVERY_HOSTNAME
      }),
      mesh.node('three', 'feathers-distributed-3', { key: 'three', paths: ['three'], options: REPEATING }, env),
      // Ours needs no host name.
      mesh.node('ours', NEW, { key: 'ours', paths: ['ours'] }, { ...env, DISCOVERY_HOSTNAME: '' })
    ])
    nodes = { two, three, ours }
  }, 20_000)

  afterAll(async () => {
    await mesh.end()
    await server.kill()
  })

  /** Whether two old nodes find each other is no matter of ours. */
  const others = (name: string): string[] => {
    return Object.keys(nodes).filter(each => each !== name && !(OLD.includes(each) && OLD.includes(name)))
  }

  /**
   * Old nodes forget all services of others as soon as they lose sight of one, which they do after five seconds without
   * its hellos. Each finds them again.
   */
  async function allCallEachOther (): Promise<void> {
    for (const [name, node] of Object.entries(nodes)) {
      for (const other of others(name)) {
        const value = await node.until(`an answer of ${other} at ${name}`, async () => {
          const outcome = await node.try('call', { path: other, method: 'get', args: [1] })
          return 'value' in outcome ? outcome.value : undefined
        })
        expect(value).toMatchObject({ node: other, id: 1 })
      }
    }
  }

  /** No call of ours fails, not even once. */
  async function oursCallsAll (): Promise<void> {
    for (const other of others('ours')) {
      expect(await call(nodes.ours, other, 'get', 1)).toMatchObject({ node: other, id: 1 })
    }
  }

  /** Events both ways between ours and an old node. */
  async function eventsArrive (listener: string, host: string, note: string): Promise<void> {
    await until(`an event of ${host} at ${listener}`, async () => {
      await nodes[listener].try('watch', host)
      await nodes[host].ask('emit', { path: host, event: 'archived', payload: { note } })
      return heardBy(nodes[listener]).some(({ payload }) => (payload as { note?: string }).note === note)
    })
  }

  it('call each other and hear events of each other', async () => {
    await allCallEachOther()
    for (const old of OLD) {
      await eventsArrive('ours', old, `from ${old}`)
      await eventsArrive(old, 'ours', `from ours to ${old}`)
    }
  })

  it('go on while Redis is away, and find newcomers when it is back', async () => {
    await server.kill()
    await nodes.ours.until('a line', () => nodes.ours.printed.includes('is not there'))
    await oursCallsAll()
    await eventsArrive('ours', 'two', 'while Redis is away')
    const late = mesh.node('late', NEW, { key: 'late', paths: ['late'] }, { ...variables(), DISCOVERY_HOSTNAME: '' })
    await (await late).until('a line', async () => (await late).printed.includes('is not there'))
    await server.start()
    nodes.late = await late
    await allCallEachOther()
    await eventsArrive('two', 'late', 'from late')
    await eventsArrive('late', 'three', 'to late')
    await oursCallsAll()
    expect(nodes.ours.printed.match(/is not there/g)).toHaveLength(1)
    await nodes.ours.until('another line', () => nodes.ours.printed.includes('is back'))
    expect(nodes.ours.printed.match(/is back/g)).toHaveLength(1)
    expect(nodes.ours.printed).not.toContain(PASSWORD)
  })
})
