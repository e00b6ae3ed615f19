import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import ts from 'typescript'
import { DistributedModule, type RemoteService } from 'feathers-mesh'
import type { JobService } from './nats-host'
import { NatsServer } from './nats-server'

const BUILD = join(__dirname, '../../../.build')
const CALLERS = 32

interface Failure {
  readonly method: 'get' | 'create'
  readonly message: string
  readonly outcome: unknown
  /** The replica that had the call. */
  readonly node: unknown
  readonly n: number
}

/** Calls that go on until they are ended, and what became of them. */
export class Load {
  readonly failures: Failure[] = []
  calls = 0
  /** The calls that were under way when the first one failed. */
  atFirstFailure: ReadonlySet<number> = new Set()
  private readonly underWay = new Set<number>()
  private isEnding = false
  private readonly running: ReadonlyArray<Promise<void>>

  constructor (private readonly jobs: RemoteService<JobService>) {
    this.running = Array.from({ length: CALLERS }, async () => await this.run())
  }

  async end (): Promise<void> {
    this.isEnding = true
    await Promise.all(this.running)
  }

  private async run (): Promise<void> {
    while (!this.isEnding) {
      const n = ++this.calls
      this.underWay.add(n)
      const method = n % 4 === 0 ? 'create' : 'get'
      try {
        await (method === 'get' ? this.jobs.get(n) : this.jobs.create({ n }))
      } catch (error) {
        const { message, data } = error as Error & { data?: { outcome?: unknown, node?: unknown } }
        if (this.failures.length === 0) this.atFirstFailure = new Set(this.underWay)
        this.failures.push({ method, message, n, outcome: data?.outcome, node: data?.node })
      }
      this.underWay.delete(n)
      await nextTurn()
    }
  }
}

/** Nodes of a mesh on NATS: processes that do jobs, and others in this process that call them. */
export class NatsMesh {
  /** What the hosts ran, and what they ran twice, by the number of the job. */
  readonly ran: number[] = []
  private readonly hosts: ChildProcess[] = []
  private readonly nodes: DistributedModule[] = []
  private readonly folder: string

  constructor () {
    mkdirSync(BUILD, { recursive: true })
    this.folder = mkdtempSync(join(BUILD, 'nats-'))
    const compilerOptions = {
      module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022, experimentalDecorators: true,
      emitDecoratorMetadata: true
    }
    const source = readFileSync(join(__dirname, 'nats-host.ts'), 'utf8')
    writeFileSync(join(this.folder, 'nats-host.js'), ts.transpileModule(source, { compilerOptions }).outputText)
  }

  /** A process with a replica. */
  async host (servers: string): Promise<ChildProcess> {
    const env = { ...process.env, MESH_TRANSPORT: servers }
    const child = fork(join(this.folder, 'nats-host.js'), { env, execArgv: [] })
    this.hosts.push(child)
    await new Promise<void>(resolve => {
      child.on('message', (message: unknown) => {
        if (message === 'started') resolve()
        else if (typeof message === 'object' && message !== null && 'ran' in message) this.ran.push(Number(message.ran))
      })
    })
    return child
  }

  /** A node of this process that calls the replicas. */
  async consumer (servers: `nats://${string}`): Promise<DistributedModule> {
    const node = DistributedModule.forRoot({ transport: servers, remotes: ['jobs'] })
    this.add(node)
    await node.start()
    return node
  }

  /** A node that is stopped with the others. */
  add (node: DistributedModule): void {
    this.nodes.push(node)
  }

  /** Resolves when all that the hosts reported has come. */
  async settle (): Promise<void> {
    await Promise.all(this.hosts.filter(isRunning).map(async child => {
      const settled = new Promise<void>(resolve => {
        const onMessage = (message: unknown): void => {
          if (message !== 'settled') return
          child.off('message', onMessage)
          resolve()
        }
        child.on('message', onMessage)
      })
      child.send('settle')
      await settled
    }))
  }

  /** What no fault may do: fail what is safe to repeat, or run anything twice. */
  expectPromises (load: Load): void {
    expect(load.failures.filter(({ method, outcome }) => method === 'get' || outcome !== 'unknown')).toEqual([])
    expect(this.ran.length).toBe(new Set(this.ran).size)
  }

  /** Ends all processes and nodes. */
  async end (): Promise<void> {
    await Promise.all(this.nodes.splice(0).map(async node => await node.stop()))
    await Promise.all(this.hosts.splice(0).filter(isRunning).map(async child => {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }))
    this.ran.splice(0)
  }

  /** Removes what was compiled. */
  remove (): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

function isRunning ({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null
}

/** Makes a mesh for the tests of a block, and for each of them a server of its own. */
export function meshOnServers (take: (mesh: NatsMesh, server: NatsServer) => void): void {
  let mesh: NatsMesh
  let server: NatsServer
  beforeAll(() => { mesh = new NatsMesh() })
  afterAll(() => mesh.remove())
  beforeEach(async () => {
    server = await NatsServer.start()
    take(mesh, server)
  })
  afterEach(async () => {
    await mesh.end()
    await server.stop()
  })
}
