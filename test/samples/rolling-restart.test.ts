import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { until } from '../until'

jest.setTimeout(120_000)

const programs = join(__dirname, '../../.build/samples/todos')
/** The time in which the proxy has to notice that a gateway leaves; it asks far more often. */
const SHUTDOWN_DELAY = 1_500
const PROBE_EVERY = 100
/** Longer than any program takes to start, beside other tests. */
const START = 40_000

/** One program of the sample, as an orchestrator runs it. */
class Program {
  url: string | undefined
  isReady = false
  output = ''
  private readonly child: ChildProcess

  constructor (name: string, env: NodeJS.ProcessEnv) {
    this.child = spawn(process.execPath, [join(programs, name)], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', chunk => {
        this.output += String(chunk)
        this.url ??= /^feathers-mesh sample: (\S+)$/m.exec(this.output)?.[1]
        if (/^ready$/m.test(this.output)) this.isReady = true
      })
    }
  }

  /** Asks it whether it is ready, as a load balancer does. */
  async probe (): Promise<void> {
    if (this.url === undefined) return
    const response = await fetch(`${this.url}/readyz`).catch(() => undefined)
    await response?.arrayBuffer()
    this.isReady = response?.status === 200
  }

  /** Whether the next call that it makes is answered by that replica. */
  async calls (replica: string): Promise<boolean> {
    const response = await fetch(`${this.url ?? ''}/todos`)
    const { replica: by } = await response.json() as { readonly replica?: string }
    return by === replica
  }

  async end (signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode
    const exited = once(this.child, 'exit')
    this.child.kill(signal)
    const [code] = await exited
    return code as number | null
  }
}

/** A load balancer: sends each request once, to one of the gateways that are ready. */
class Proxy {
  readonly gateways = new Set<Program>()
  private turn = 0
  private readonly server: Server
  private isOpen = true

  constructor () {
    this.server = createServer((incoming, outgoing) => this.pass(incoming, outgoing))
  }

  async listen (): Promise<string> {
    this.server.listen(0, '127.0.0.1')
    await once(this.server, 'listening')
    void this.follow()
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  close (): void {
    this.isOpen = false
    this.server.close()
    this.server.closeAllConnections()
  }

  private async follow (): Promise<void> {
    while (this.isOpen) {
      await Promise.all([...this.gateways].map(async gateway => await gateway.probe()))
      await delay(PROBE_EVERY)
    }
  }

  private pass (incoming: IncomingMessage, outgoing: ServerResponse): void {
    const ready = [...this.gateways].filter(({ isReady }) => isReady)
    const gateway = ready[this.turn++ % ready.length]
    if (gateway?.url === undefined) return void outgoing.writeHead(503).end('no gateway is ready')
    const { host, port, hostname } = new URL(gateway.url)
    const { method, url: path, headers } = incoming
    const onward = request({ hostname: hostname === 'localhost' ? '127.0.0.1' : hostname, port, method, path,
      headers: { ...headers, host }, agent: new Agent() }, answer => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    onward.on('error', error => outgoing.writeHead(502).end(String(error)))
    incoming.pipe(onward)
  }
}

describe('a rolling restart of the todos, with two gateways behind a proxy that follows /readyz', () => {
  const directory = mkdtempSync(join(tmpdir(), 'rolling-restart-'))
  const env = {
    ...process.env, MESH_DISCOVERY: 'broadcast://127.255.255.255', HOST: '127.0.0.1', PORT: '0',
    COTE_ENV: `rolling-${process.pid}`, SHUTDOWN_DELAY: String(SHUTDOWN_DELAY), TODOS_FILE: join(directory, 'todos.json'),
    npm_lifecycle_event: ''
  }
  const proxy = new Proxy()
  const running = new Set<Program>()

  function run (name: string, more: NodeJS.ProcessEnv = {}): Program {
    const program = new Program(name, { ...env, ...more })
    running.add(program)
    return program
  }

  const runReplica = (name: string): Program => run('replica.js', { REPLICA: name })

  function runGateway (): Program {
    const gateway = run('gateway.js')
    proxy.gateways.add(gateway)
    return gateway
  }

  const whenReady = async (program: Program): Promise<unknown> =>
    await until('a program to be ready', () => program.isReady, START)

  /** Ends a program in order; only then another one takes its place. */
  async function replace (old: Program, start: () => Program): Promise<void> {
    expect(await old.end()).toBe(0)
    running.delete(old)
    proxy.gateways.delete(old)
    await whenReady(start())
  }

  afterAll(async () => {
    proxy.close()
    await Promise.all([...running].map(async program => await program.end('SIGKILL')))
    rmSync(directory, { recursive: true })
  })

  it('fails no request', async () => {
    const url = await proxy.listen()
    const replicas = ['A', 'B'].map(name => [name, runReplica(name)] as const)
    const gateways = [runGateway(), runGateway()]
    await Promise.all([...replicas.map(([, replica]) => replica), ...gateways].map(whenReady))

    const failures: string[] = []
    let requests = 0
    let isOver = false
    async function load (isWriter: boolean): Promise<void> {
      while (!isOver) {
        requests++
        const body = isWriter ? JSON.stringify({ title: `Todo ${requests}` }) : undefined
        const answer = await fetch(`${url}/todos`, {
          method: isWriter ? 'POST' : 'GET', body, headers: { 'content-type': 'application/json' }
        }).then(async response => `${response.status} ${await response.text()}`, String)
        if (!answer.startsWith(isWriter ? '201 ' : '200 ')) failures.push(answer)
        await delay(isWriter ? 50 : 20)
      }
    }
    const loads = [false, false, false, true].map(load)
    for (const [name, replica] of replicas) {
      await replace(replica, () => runReplica(name))
      // A new Pod counts once `minReadySeconds` are over: the others have heard it by then.
      await Promise.all(gateways.map(async gateway => await until('calls of the new one', () => gateway.calls(name))))
    }
    for (const gateway of gateways) await replace(gateway, runGateway)
    const before = requests
    await until('more requests', () => requests > before + 100)
    isOver = true
    await Promise.all(loads)
    expect(failures).toEqual([])
    expect(requests).toBeGreaterThan(500)
  })
})
