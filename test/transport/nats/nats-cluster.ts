import { until } from '../../until'
import { freePort } from '../../free-port'
import { NatsServer } from './nats-server'

/** Servers that pass on to each other what their clients send. */
export class NatsCluster {
  private constructor (readonly servers: readonly NatsServer[], private readonly monitors: readonly number[]) {}

  /** Three servers that run. */
  static async start (): Promise<NatsCluster> {
    const [routes, monitors] = await Promise.all([1, 2].map(async () => await Promise.all([1, 2, 3].map(freePort))))
    const servers = await Promise.all(routes.map(async (port, n) => await NatsServer.start(`
      http: 127.0.0.1:${monitors[n]}
      lame_duck_duration: "30s", lame_duck_grace_period: "1s"
      cluster {
        name: mesh, listen: 127.0.0.1:${port}, no_advertise: true
        routes: [${routes.filter(each => each !== port).map(each => `nats-route://127.0.0.1:${each}`).join()}]
      }
    `)))
    const cluster = new NatsCluster(servers, monitors)
    await cluster.joined()
    return cluster
  }

  /** Where nodes find it: at any of its servers. */
  get url (): `nats://${string}` {
    return `nats://${this.servers.map(({ port }) => `127.0.0.1:${port}`).join()}`
  }

  /** Resolves when each server is connected to both others. */
  async joined (): Promise<void> {
    for (const monitor of this.monitors) {
      await until('the routes of a server', async () => await routesOf(monitor) === this.servers.length - 1)
    }
  }

  async stop (): Promise<void> {
    await Promise.all(this.servers.map(async server => await server.stop()))
  }
}

async function routesOf (monitor: number): Promise<unknown> {
  try {
    const response = await fetch(`http://127.0.0.1:${monitor}/routez`, { headers: { connection: 'close' } })
    return Reflect.get(Object(await response.json()), 'num_routes')
  } catch {
    return undefined
  }
}
