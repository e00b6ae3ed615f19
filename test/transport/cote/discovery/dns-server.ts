import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../../../until'
import { freePort } from '../../../free-port'
import { succeedsAt, type ServerSite } from './server-site'

/** Whether a server can be started here. In CI it has to be there. */
export const hasDns = process.env.CI !== undefined ||
  spawnSync('dnsmasq', ['--version'], { stdio: 'ignore' }).status === 0
if (!hasDns) console.warn('Nothing here is tested against DNS: there is no dnsmasq on this machine.')

/** Addresses by the names that lead to them. */
type Records = Readonly<Record<string, readonly string[]>>

/** Exits with 0 where a server has an address for a name. */
const ASK = `
  const { Resolver } = require('node:dns').promises
  const [name, server] = process.argv.slice(1)
  const resolver = new Resolver({ timeout: 500, tries: 1 })
  resolver.setServers([server])
  resolver.resolve4(name).then(([first]) => process.exit(first ? 0 : 1), () => process.exit(1))
`

/** A DNS server of a test's own, on this machine, whose records the test changes. */
export class DnsServer {
  private child: ChildProcess | undefined
  private log = ''
  private readonly directory = mkdtempSync(join(tmpdir(), 'feathers-mesh-dns-'))
  private records: Records = {}

  private constructor (private readonly site: ServerSite, private readonly args: readonly string[]) {}

  /** Starts one at a port that is free. */
  static async start (records: Records, ...args: readonly string[]): Promise<DnsServer> {
    const server = await DnsServer.at(...args)
    await server.start(records)
    return server
  }

  /** One that is not started yet. */
  static async at (...args: readonly string[]): Promise<DnsServer> {
    return new DnsServer({ address: '127.0.0.1', port: await freePort(), through: [] }, args)
  }

  /** Starts one where the resolvers of a namespace look for it. */
  static async in (address: string, through: readonly string[], records: Records): Promise<DnsServer> {
    const server = new DnsServer({ address, port: 53, through }, [])
    await server.start(records)
    return server
  }

  /** As URLs name it. */
  get place (): string {
    return `${this.site.address}:${this.site.port}`
  }

  /** How often it was asked for the addresses of a name. */
  queriesOf (name: string): number {
    return this.log.split(`query[A] ${name} `).length - 1
  }

  async start (records: Records): Promise<void> {
    this.write(records)
    const { through, address, port } = this.site
    const [command, ...args] = [...through, 'dnsmasq']
    this.child = spawn(command, [
      ...args, '--keep-in-foreground', '--conf-file=/dev/null', `--port=${port}`, `--listen-address=${address}`,
      '--bind-interfaces', '--no-resolv', '--no-hosts', '--local=/test/', `--addn-hosts=${this.hosts}`, '--user=',
      '--pid-file=', '--log-queries', '--log-facility=-', ...this.args
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
    const mark = Object.keys(this.records).at(-1) ?? ''
    await until('the DNS server', async () => await this.knows(mark))
      .catch(error => { throw new Error(`${String(error)}\n${this.log}`) })
  }

  /** Asks where the server runs. */
  private async knows (name: string): Promise<boolean> {
    return await succeedsAt(this.site, ASK, name, this.place)
  }
}
