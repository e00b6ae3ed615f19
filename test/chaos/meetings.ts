import type { DistributedModuleOptions } from 'feathers-mesh'
import { freePort } from '../free-port'
import { SECRET } from '../security/mesh-of'
import { DnsServer, hasDns } from '../transport/cote/discovery/dns-server'
import { hasRedis, RedisServer } from '../transport/cote/discovery/redis-server'
import { hasNats, NatsServer } from '../transport/nats/nats-server'
import type { Meeting } from './history/play'

/** The name that leads to all nodes of a test. */
const NAME = 'jobs.mesh.test'

/** How nodes of a test meet, and what ends the server that they meet by. */
export interface Met extends Meeting {
  readonly end: () => Promise<void>
}

/** A way, and how it is made for a number of nodes. */
export type Way = readonly [name: string, make: (nodes: number) => Promise<Met>]

const addressOf = (n: number): string => `127.0.0.${n + 2}`

/** A killed node comes back where it was. */
function listening (discovery: string, port?: number): (n: number) => DistributedModuleOptions {
  const at = port === undefined ? '' : `:${port}`
  return n => ({ discovery, secret: SECRET, listen: `${addressOf(n)}${at}` })
}

async function byList (nodes: number): Promise<Met> {
  const port = await freePort()
  const places = Array.from({ length: nodes }, (_, n) => `${addressOf(n)}:${port}`)
  return { optionsOf: listening(`static://${places.join(',')}`, port), end: async () => {} }
}

async function byDns (nodes: number): Promise<Met> {
  const port = await freePort()
  const server = await DnsServer.start({ [NAME]: Array.from({ length: nodes }, (_, n) => addressOf(n)) })
  return {
    optionsOf: listening(`dns://${NAME}:${port}?server=${server.place}`),
    end: async () => await server.end()
  }
}

async function byRedis (): Promise<Met> {
  const server = await RedisServer.start()
  return {
    optionsOf: listening(server.url),
    restartServer: async () => {
      await server.kill()
      await server.start()
    },
    end: async () => await server.kill()
  }
}

async function byNats (): Promise<Met> {
  const server = await NatsServer.start()
  return {
    optionsOf: () => ({ transport: server.url }),
    restartServer: async () => {
      await server.kill()
      await server.start()
    },
    end: async () => await server.stop()
  }
}

/** The ways of which the servers are on this machine. */
export const ways: readonly Way[] = [
  ['a list', byList],
  ...hasDns ? [['DNS', byDns] as const] : [],
  ...hasRedis ? [['Redis', byRedis] as const] : [],
  ...hasNats ? [['NATS', byNats] as const] : []
]
