import type { DistributionOptions } from 'feathers-mesh'
import { TestProcess } from '../process'
import type { CallReport } from '../processes/interop/call-load'
import type { Heard, NodeSettings } from '../processes/interop/plugin-node'

/** The packages that the same program can import its plugin from. */
export const OLD_PLUGINS = [['2.4', 'feathers-distributed-2'], ['3.0', 'feathers-distributed-3']] as const
export const NEW = 'feathers-mesh'

export type Settings = Omit<NodeSettings, 'name' | 'options'> & { readonly options?: DistributionOptions }

/** A stock node dies of one bad packet, and other tests send such on the default port. */
export const DISCOVERY_PORT = 13_000 + process.pid % 5_000

/** What every node is given, old or new: it keeps the tests quick, and everything on this machine. */
const OPTIONS = {
  distributedMethods: ['find', 'get', 'create', 'update', 'patch', 'remove', 'archive'],
  distributedEvents: ['created', 'updated', 'patched', 'removed', 'archived'],
  timeout: 5_000,
  publicationDelay: 100,
  componentDelay: 10,
  cote: {
    port: DISCOVERY_PORT,
    broadcast: '127.255.255.255',
    helloInterval: 500,
    checkInterval: 1_000,
    nodeTimeout: 3_000,
    masterTimeout: 4_000,
    log: false
  }
}

/** Old nodes look for free ports one by one, so each has a range of its own, below the ports that systems give. */
const FIRST_PORT = 20_000
const PORTS_OF_WORKER = 2_000
const PORTS_OF_NODE = 20

let meshes = 0
let nodes = 0

function coteOptions (): typeof OPTIONS.cote & { basePort: number, highestPort: number } {
  const worker = Number(process.env.JEST_WORKER_ID ?? 1)
  const basePort = FIRST_PORT + (worker % 5) * PORTS_OF_WORKER + (nodes++ * PORTS_OF_NODE) % PORTS_OF_WORKER
  return { ...OPTIONS.cote, basePort, highestPort: basePort + PORTS_OF_NODE - 1 }
}

/** Nodes of one mesh, each a process, old and new among each other. */
export class InteropMesh {
  readonly environment = `interop-${process.pid}-${++meshes}`
  private readonly running: TestProcess[] = []

  /** @param cote - options of cote that all nodes have instead of those above */
  constructor (private readonly cote: Readonly<Record<string, unknown>> = {}) {}

  /** Starts a node: the same program, whichever package its plugin is imported from. */
  async node (name: string, plugin: string, { options, ...settings }: Settings = {}, env = {}): Promise<TestProcess> {
    const cote = { ...coteOptions(), ...this.cote, ...options?.cote }
    const all: NodeSettings = { name, ...settings, options: { ...OPTIONS, ...options, cote } }
    return await this.run('interop/plugin-node', { ...env, PLUGIN: plugin, NODE_SETTINGS: JSON.stringify(all) })
  }

  /** Starts a host of users, or a gateway to them with socket.io clients. */
  async users (key: string, plugin: string, isHost = false): Promise<TestProcess> {
    const all = { key, isHost, options: { ...OPTIONS, cote: coteOptions() } }
    return await this.run('interop/users-node', { PLUGIN: plugin, NODE_SETTINGS: JSON.stringify(all) })
  }

  /** Starts the node whose notes are a decorated class. */
  async decorated (name: string, path: string): Promise<TestProcess> {
    const env = { NODE_NAME: name, NOTES_PATH: path, DISCOVERY_PORT: String(DISCOVERY_PORT) }
    return await this.run('interop/decorated-node', env)
  }

  /** Starts a node that listens to the events of paths, with a group and without one. */
  async grouped (...paths: string[]): Promise<TestProcess> {
    const env = { LISTENED_PATHS: paths.join(','), DISCOVERY_PORT: String(DISCOVERY_PORT) }
    return await this.run('interop/group-node', env)
  }

  private async run (program: string, env: NodeJS.ProcessEnv): Promise<TestProcess> {
    const started = new TestProcess(program, { ...process.env, ...env, COTE_ENV: this.environment })
    this.running.push(started)
    await started.hears('obeys')
    await started.ask('start')
    return started
  }

  /** Ends all that still runs. */
  async end (): Promise<void> {
    await Promise.all(this.running.splice(0).map(async node => await node.kill()))
  }
}

/** Waits until a node has these services of other nodes on its app. */
export async function knows (node: TestProcess, ...paths: string[]): Promise<void> {
  await node.until(`services of other nodes: ${paths.join(', ')}`, async () => {
    const remotes = await node.ask<Record<string, string[]>>('remotes')
    return paths.every(path => path in remotes)
  })
}

/** Waits until a node has a service no more. */
export async function forgets (node: TestProcess, path: string): Promise<void> {
  await node.until(`no service '${path}'`, async () => !(path in await node.ask<Record<string, string[]>>('remotes')))
}

/** Asks a node to call a service. */
export async function call<T> (node: TestProcess, path: string, method: string, ...args: unknown[]): Promise<T> {
  return await node.ask<T>('call', { path, method, args })
}

/** The events that a node received from the services that it watches. */
export function heardBy (node: TestProcess): Heard[] {
  return node.told<Heard>('heard')
}

/** Waits until each of these nodes has answered some more calls of the load. */
export async function answers (caller: TestProcess, names: readonly string[], more = 30): Promise<void> {
  const before = await caller.ask<CallReport>('load')
  await caller.until(`${more} more answers from ${names.join(' and ')}`, async () => {
    const now = await caller.ask<CallReport>('load')
    return names.every(name => (now.answers[name] ?? 0) - (before.answers[name] ?? 0) >= more)
  })
}
