import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../../free-port'
import { until } from '../../../until'
import { succeedsAt, type ServerSite } from './server-site'

/** Whether a server can be started here. In CI it has to be there. */
export const hasRedis = process.env.CI !== undefined ||
  spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status === 0
if (!hasRedis) console.warn('Nothing here is tested against Redis: there is no redis-server on this machine.')

/** Exits with 0 where a server takes connections. */
const ASK = `
  const [address, port] = process.argv.slice(1)
  require('node:net').connect(Number(port), address, () => process.exit(0)).once('error', () => process.exit(1))
`

/** A Redis server of a test's own, on this machine. */
export class RedisServer {
  private child: ChildProcess | undefined

  private constructor (private readonly site: ServerSite, private readonly args: string[]) {}

  /** Starts one at a port that is free. */
  static async start (...args: readonly string[]): Promise<RedisServer> {
    const server = await RedisServer.at(...args)
    await server.start()
    return server
  }

  /** Starts one that speaks TLS alone, with the files `key`, `cert` and `ca` of a folder. */
  static async withTls (folder: string): Promise<RedisServer> {
    const server = await RedisServer.at()
    const files = { 'tls-key-file': 'key', 'tls-cert-file': 'cert', 'tls-ca-cert-file': 'ca' }
    const named = Object.entries(files).flatMap(([option, file]) => [`--${option}`, join(folder, file)])
    server.args.push('--port', '0', '--tls-port', String(server.port), '--tls-auth-clients', 'no', ...named)
    await server.start()
    return server
  }

  /** Starts one at `::1` alone. */
  static async onIPv6 (): Promise<RedisServer> {
    const server = new RedisServer({ address: '::1', port: await freePort(), through: [] }, [])
    await server.start()
    return server
  }

  /** One that is not started yet. */
  static async at (...args: string[]): Promise<RedisServer> {
    return new RedisServer({ address: '127.0.0.1', port: await freePort(), through: [] }, args)
  }

  /** Starts one at an address of a namespace, without a password. */
  static async in (address: string, through: readonly string[]): Promise<RedisServer> {
    const server = new RedisServer({ address, port: 6379, through }, ['--protected-mode', 'no'])
    await server.start()
    return server
  }

  get port (): number {
    return this.site.port
  }

  get url (): string {
    const { address, port } = this.site
    return `redis://${isIPv6(address) ? `[${address}]` : address}:${port}`
  }

  async start (): Promise<void> {
    const { address, port, through } = this.site
    const [command, ...before] = [...through, 'redis-server']
    const options = ['--port', String(port), '--bind', address, '--save', '', '--appendonly', 'no']
    this.child = spawn(command, [...before, ...options, ...this.args], { stdio: 'ignore', cwd: tmpdir() })
    await until('the Redis server', async () => await this.accepts())
  }

  /** Stops it, with its connections open. */
  freeze (): void {
    this.child?.kill('SIGSTOP')
  }

  /** Ends it without giving it a chance. */
  async kill (): Promise<void> {
    const { child } = this
    this.child = undefined
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  /** Asks where the server runs. */
  private async accepts (): Promise<boolean> {
    const { address, port } = this.site
    return await succeedsAt(this.site, ASK, address, String(port))
  }
}
