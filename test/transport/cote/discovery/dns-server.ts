import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { promises as dns } from 'node:dns'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../../../until'
import { freePort } from '../../../security/mesh-of'

/** Whether a server can be started here. In CI it has to be there. */
export const hasDns = process.env.CI !== undefined ||
  spawnSync('dnsmasq', ['--version'], { stdio: 'ignore' }).status === 0
if (!hasDns) console.warn('Nothing here is tested against DNS: there is no dnsmasq on this machine.')

/** Addresses by the names that lead to them. */
type Records = Readonly<Record<string, readonly string[]>>

/** A DNS server of a test's own, on this machine, whose records the test changes. */
export class DnsServer {
  private child: ChildProcess | undefined
  private log = ''
  private readonly directory = mkdtempSync(join(tmpdir(), 'feathers-mesh-dns-'))
  private records: Records = {}

  private constructor (readonly port: number, private readonly args: readonly string[]) {}

  /** Starts one at a port that is free. */
  static async start (records: Records, ...args: readonly string[]): Promise<DnsServer> {
    const server = await DnsServer.at(...args)
    await server.start(records)
    return server
  }

  /** One that is not started yet. */
  static async at (...args: readonly string[]): Promise<DnsServer> {
    return new DnsServer(await freePort(), args)
  }

  /** As URLs name it. */
  get place (): string {
    return `127.0.0.1:${this.port}`
  }

  /** How often it was asked for the addresses of a name. */
  queriesOf (name: string): number {
    return this.log.split(`query[A] ${name} `).length - 1
  }

  async start (records: Records): Promise<void> {
    this.write(records)
    this.child = spawn('dnsmasq', [
      '--keep-in-foreground', '--conf-file=/dev/null', `--port=${this.port}`, '--listen-address=127.0.0.1',
      '--bind-interfaces', '--no-resolv', '--no-hosts', '--local=/mesh.test/', `--addn-hosts=${this.hosts}`, '--user=', '--pid-file=',
      '--log-queries', '--log-facility=-', ...this.args
    ], { stdio: ['ignore', 'ignore', 'pipe'] })
    this.child.stderr?.on('data', chunk => { this.log += String(chunk) })
    await this.answers()
  }

  /** Answers with other records from now on. */
  async change (records: Records): Promise<void> {
    this.write(records)
    this.child?.kill('SIGHUP')
    await this.answers()
  }

  /** Ends it without giving it a chance. */
  async kill (): Promise<void> {
    const { child } = this
    this.child = undefined
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  /** Ends it, and leaves nothing behind. */
  async end (): Promise<void> {
    await this.kill()
    rmSync(this.directory, { recursive: true, force: true })
  }

  private get hosts (): string {
    return join(this.directory, 'hosts')
  }

  /** The mark tells that a server has read what was written last. */
  private write (records: Records): void {
    this.records = { ...records, [`mark-${performance.now()}.test`]: ['127.0.0.1'] }
    const lines = Object.entries(this.records).flatMap(([name, addresses]) => addresses.map(each => `${each} ${name}\n`))
    writeFileSync(this.hosts, lines.join(''))
  }

  private async answers (): Promise<void> {
    const resolver = new dns.Resolver({ timeout: 500, tries: 1 })
    resolver.setServers([this.place])
    const mark = Object.keys(this.records).at(-1) ?? ''
    await until('the DNS server', async () => {
      return await resolver.resolve4(mark).then(addresses => addresses.length > 0, () => false)
    }).catch(error => { throw new Error(`${String(error)}\n${this.log}`) })
  }
}
