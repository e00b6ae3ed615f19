import type { DistributedModuleOptions } from 'feathers-mesh'
import type { TestProcess } from '../process'
import { freePort, SECRET } from '../security/mesh-of'
import { DnsServer, hasDns } from '../transport/cote/discovery/dns-server'
import { hasRedis, RedisServer } from '../transport/cote/discovery/redis-server'
import { answers, MeshProcesses, nodesToBe, twice, type LoadReport } from './mesh-processes'

jest.setTimeout(60_000)

const NAME = 'jobs.mesh.test'
const NAMES = ['A', 'B']
const ALL = ['find', 'get', 'create', 'update', 'patch', 'remove', 'read', 'write']

let server: DnsServer | undefined
let redis: RedisServer | undefined

afterEach(async () => {
  await Promise.all([server?.end(), redis?.kill()])
  server = redis = undefined
})

const addressOf = (n: number): string => `127.0.0.${n + 2}`

/** Options of a node by its number, which says where it is; a killed one comes back where it was. */
type OptionsOf = (n: number) => DistributedModuleOptions

async function byList (): Promise<OptionsOf> {
  const port = await freePort()
  const discovery = `static://${Array.from({ length: 3 }, (_, n) => `${addressOf(n)}:${port}`).join(',')}`
  return n => ({ discovery, secret: SECRET, listen: `${addressOf(n)}:${port}` })
}

async function byDns (): Promise<OptionsOf> {
  const port = await freePort()
  server = await DnsServer.start({ [NAME]: Array.from({ length: 3 }, (_, n) => addressOf(n)) })
  const discovery = `dns://${NAME}:${port}?server=${server.place}`
  return n => ({ discovery, secret: SECRET, listen: addressOf(n) })
}

async function byRedis (): Promise<OptionsOf> {
  redis = await RedisServer.start()
  const { url: discovery } = redis
  return n => ({ discovery, secret: SECRET, listen: addressOf(n) })
}

/** Ends what tells nodes of each other, and starts it again, where there is such a thing. */
async function restartRedis (): Promise<void> {
  await redis?.kill()
  await redis?.start()
}

const ways: Array<[name: string, make: () => Promise<OptionsOf>]> = [['a list', byList]]
if (hasDns) ways.push(['DNS', byDns])
if (hasRedis) ways.push(['Redis', byRedis])

describe.each(ways)('replicas that %s finds', (_name, make) => {
  const mesh = new MeshProcesses()

  it('fail no idempotent call when they are killed, and answer every call once when they are restarted', async () => {
    const optionsOf = await make()
    const host = async (n: number): Promise<TestProcess> => await mesh.startHost(NAMES[n], optionsOf(n))
    const hosts = await Promise.all([host(0), host(1)])
    const consumer = await mesh.startConsumer(optionsOf(2))
    await nodesToBe(consumer, hosts)
    await consumer.ask('startLoad', { methods: ['find', 'get', 'read'], callers: 32 })
    for (const n of hosts.keys()) {
      await answers(consumer, NAMES)
      await Promise.all([hosts[n].kill(), restartRedis()])
      await answers(consumer, [NAMES[1 - n]])
      hosts[n] = await host(n)
    }
    await answers(consumer, NAMES)
    expect((await consumer.ask<LoadReport>('stopLoad')).failures).toEqual([])
    await nodesToBe(consumer, hosts)

    const before = mesh.runs.length
    await consumer.ask('startLoad', { methods: ALL, callers: 32 })
    for (const n of hosts.keys()) {
      await answers(consumer, NAMES, { more: 20 })
      expect(await hosts[n].stop()).toBe(0)
      await restartRedis()
      hosts[n] = await host(n)
    }
    await answers(consumer, NAMES, { more: 20 })
    const { answered, failures } = await consumer.ask<LoadReport>('stopLoad')
    expect(failures).toEqual([])
    const runs = mesh.runs.slice(before)
    expect(twice(runs)).toEqual([])
    expect(runs).toHaveLength(Object.keys(answered).length)
    await nodesToBe(consumer, hosts)
  })
})
