import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../../../until'

/** Whether a server can be started here. In CI it has to be there. */
export const hasRedis = process.env.CI !== undefined ||
  spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status === 0
if (!hasRedis) console.warn('Nothing here is tested against Redis: there is no redis-server on this machine.')

/** A Redis server of a test's own, on this machine. */
export class RedisServer {
  private child: ChildProcess | undefined

  private constructor (readonly port: number, private readonly args: string[]) {}

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

  /** One that is not started yet. */
  static async at (...args: string[]): Promise<RedisServer> {
    const probe = createServer().listen(0, '127.0.0.1')
    await once(probe, 'listening')
    const { port } = probe.address() as AddressInfo
    probe.close()
    await once(probe, 'close')
    return new RedisServer(port, args)
  }

  get url (): string {
    return `redis://127.0.0.1:${this.port}`
  }

  async start (): Promise<void> {
    const options = ['--port', String(this.port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
    this.child = spawn('redis-server', [...options, ...this.args], { stdio: 'ignore', cwd: tmpdir() })
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

  private async accepts (): Promise<boolean> {
    return await new Promise(resolve => {
      const socket = connect(this.port, '127.0.0.1', () => {
        socket.destroy()
        resolve(true)
      })
      socket.once('error', () => resolve(false))
    })
  }
}
