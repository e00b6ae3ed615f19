import { DistributedModule } from '../module/distributed-module'
import type { DistributedModuleOptions } from '../module/options'
import { MemoryNetwork } from '../transport/memory/memory-network'
import type { MessageKind, Wire } from '../transport/memory/memory-link'

/** A node of a {@link TestMesh}: the module, or the name that it was given. */
export type TestNode = DistributedModule | string

/** Which messages a fault is for. */
export interface MessageFilter {
  /** From this node. @default any */
  readonly from?: TestNode
  /** To this node. @default any */
  readonly to?: TestNode
  /** @default all kinds */
  readonly kind?: MessageKind
  /** How many of them. @default all, until the mesh heals */
  readonly times?: number
}

/** Messages that are on their way for as long as the test wants. */
export interface Delay {
  /** How many there are now. */
  readonly held: number
  /** Lets them arrive, in their order, and delays no more. */
  release (): void
}

interface Fault {
  readonly filter: MessageFilter
  left: number
  readonly happen: (deliver: () => void) => void
}

/** Many nodes in one process, without a socket, whose network fails when the test wants it to. */
export class TestMesh {
  private readonly modules = new Map<string, DistributedModule>()
  private faults: Fault[] = []
  private delays: Delay[] = []
  private readonly network: MemoryNetwork

  constructor (private readonly options: DistributedModuleOptions) {
    // Faults are for what is under way as well: they are looked at when a message is about to arrive.
    const wire: Wire = {
      carry: (kind, from, to, deliver) => { setImmediate(() => this.arrive(kind, from, to, deliver)) }
    }
    this.network = new MemoryNetwork(wire)
  }

  /** Makes a node and starts it; when this resolves, all others know it. */
  async node (name: string, options: DistributedModuleOptions = {}): Promise<DistributedModule> {
    if (this.modules.has(name)) throw new Error(`there is a node '${name}' already`)
    const module = DistributedModule.forRoot({ ...this.options, ...options, transport: this.network.transport() })
    this.modules.set(name, module)
    await module.start()
    return module
  }

  /** The id of a node, as errors and `nodes()` tell it. */
  idOf (node: TestNode): string {
    const module = typeof node === 'string' ? this.modules.get(node) : node
    if (module === undefined) throw new Error(`there is no node '${String(node)}'`)
    // A node is always the first that it knows.
    return module.nodes()[0].id
  }

  /**
   * Ends a node as `kill -9` would: no goodbye, and the replies that it owes are never sent. Calls of its own fail.
   *
   * @param options - `during`: not now, but when the next request has come to it (its service runs then) or when
   * it is about to send the next reply; what is returned resolves when it is dead
   */
  async kill (node: TestNode, { during }: { readonly during?: 'request' | 'reply' } = {}): Promise<void> {
    const id = this.idOf(node)
    if (during === undefined) {
      this.network.kill(id)
      return
    }
    await new Promise<void>(resolve => {
      const happen = (deliver: () => void): void => {
        if (during === 'request') deliver()
        this.network.kill(id)
        resolve()
      }
      const filter = during === 'request' ? { to: id } : { from: id }
      this.faults.push({ filter: { ...filter, kind: during }, left: 1, happen })
    })
  }

  /** Cuts every connection between nodes of the one side and of the other, until the mesh heals. */
  partition (side: readonly TestNode[], otherSide: readonly TestNode[]): void {
    for (const one of side) for (const other of otherSide) this.network.cut(this.idOf(one), this.idOf(other))
  }

  /** Keeps messages on their way, until they are released or the mesh heals. */
  delay (filter: MessageFilter = {}): Delay {
    let held: Array<() => void> = []
    const fault = this.add(filter, deliver => held.push(deliver))
    const delay: Delay = {
      get held () { return held.length },
      release: () => {
        this.faults = this.faults.filter(other => other !== fault)
        for (const deliver of held) setImmediate(deliver)
        held = []
      }
    }
    this.delays.push(delay)
    return delay
  }

  /** Loses messages, without any sign of it. */
  drop (filter: MessageFilter = {}): void {
    this.add(filter, () => {})
  }

  /** Ends all faults: messages arrive, those that were delayed first, and nodes that were cut off meet again. */
  heal (): void {
    const { delays } = this
    this.delays = []
    this.faults = []
    for (const delay of delays) delay.release()
    this.network.join()
  }

  /** Heals the mesh and stops all nodes. */
  async stop (): Promise<void> {
    this.heal()
    const modules = [...this.modules.values()]
    this.modules.clear()
    await Promise.all(modules.map(async module => await module.stop()))
  }

  private add (given: MessageFilter, happen: Fault['happen']): Fault {
    const toId = (node: TestNode | undefined): string | undefined => node === undefined ? undefined : this.idOf(node)
    const filter = { ...given, from: toId(given.from), to: toId(given.to) }
    const fault: Fault = { filter, left: given.times ?? Infinity, happen }
    this.faults.push(fault)
    return fault
  }

  private arrive (kind: MessageKind, from: string, to: string, deliver: () => void): void {
    const meant = this.faults.find(({ filter, left }) => left > 0 && (filter.kind ?? kind) === kind &&
      (filter.from ?? from) === from && (filter.to ?? to) === to)
    if (meant === undefined) return deliver()
    meant.left--
    meant.happen(deliver)
  }
}

/**
 * A mesh for tests: many nodes in one process, and faults on demand.
 *
 * @param options - what all nodes have in common
 * @example
 * ```ts
 * const mesh = createTestMesh({ timeout: 1_000 })
 * const host = await mesh.node('host', { services: [TodoService] })
 * const consumer = await mesh.node('consumer', { remotes: ['todos'] })
 * const call = consumer.remote(TodoService).create({ title: 'Buy milk' })
 * await mesh.kill(host, { during: 'request' })
 * // call rejects with Unavailable, data.outcome 'unknown'
 * ```
 */
export function createTestMesh (options: DistributedModuleOptions = {}): TestMesh {
  return new TestMesh(options)
}
