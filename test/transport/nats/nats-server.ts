import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../free-port'
import { until } from '../../until'

/** Whether this machine has nats-server. In CI it has to. */
export const hasNats = process.env.CI !== undefined ||
  spawnSync('nats-server', ['--version'], { stdio: 'ignore' }).status === 0
if (!hasNats) console.warn('Nothing here is tested against NATS: there is no nats-server on this machine.')

/** The configuration of a server that keeps events, as long as the test. */
export const JETSTREAM = 'jetstream { store_dir: "FOLDER/js" }'

/** Servers of one cluster that keep events together. */
export async function startCluster (size: number): Promise<NatsServer[]> {
  const ports = await Promise.all(Array.from({ length: size }, freePort))
  const routes = ports.map(port => `nats://127.0.0.1:${port}`).join(', ')
  return await Promise.all(ports.map(async (port, n) => await NatsServer.start([
    `server_name: n${n}`, JETSTREAM, `cluster { name: c, listen: "127.0.0.1:${port}", routes: [${routes}] }`
  ].join('\n'))))
}

/** A nats-server of its own for a test, on a port of loopback that it keeps. */
export class NatsServer {
  private child: ChildProcess | undefined
  private readonly folder = mkdtempSync(join(tmpdir(), 'mesh-nats-'))

  private constructor (readonly port: number, private readonly config: string) {}

  /**
   * A server that runs.
   *
   * @param config - lines of its configuration beside the port; FOLDER stands for a folder of its own
   */
  static async start (config = ''): Promise<NatsServer> {
    const server = await NatsServer.absent(config)
    await server.start()
    return server
  }

  /** A server that does not run yet. */
  static async absent (config = ''): Promise<NatsServer> {
    return new NatsServer(await freePort(), config)
  }

  get url (): `nats://${string}` {
    return `nats://127.0.0.1:${this.port}`
  }

  async start (): Promise<void> {
    const file = join(this.folder, 'nats.conf')
    const config = this.config.replaceAll('FOLDER', this.folder)
    writeFileSync(file, `listen: 127.0.0.1:${this.port}\n${config}\n`)
    this.child = spawn('nats-server', ['-c', file], { stdio: 'ignore' })
    const exited = once(this.child, 'exit').then(() => { throw new Error('nats-server ended at its start') })
    exited.catch(() => {})
    await Promise.race([until('nats-server to listen', async () => await this.answers()), exited])
  }

  /** Ends it as `kill -9` does. */
  async kill (): Promise<void> {
    await this.end('SIGKILL')
  }

  /** Lets it hang, or go on: its connections stay, and nothing passes them. */
  freeze (isFrozen = true): void {
    this.child?.kill(isFrozen ? 'SIGSTOP' : 'SIGCONT')
  }

  /** Ends it as an operator does for maintenance: clients are told, and cut off one after another. */
  async lameDuck (): Promise<void> {
    await this.end('SIGUSR2')
  }

  /** Stops it, and removes what it left. */
  async stop (): Promise<void> {
    await this.end('SIGKILL')
    rmSync(this.folder, { recursive: true, force: true })
  }

  private async end (signal: NodeJS.Signals): Promise<void> {
    const { child } = this
    this.child = undefined
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill(signal)
    await exited
  }

  private async answers (): Promise<boolean> {
    const socket = connect(this.port, '127.0.0.1')
    const [event] = await Promise.race([
      once(socket, 'data').then(() => ['data']), once(socket, 'close').then(() => ['close'])
    ]).catch(() => ['error'])
    socket.destroy()
    return event === 'data'
  }
}
