import type { Host } from '../../registry/mesh-node'

/** Replicas that are asked at a time whether they are there. */
const MAX_ASKED = 8
/** One that has not answered by then keeps no other one from being asked, in milliseconds. */
const PATIENCE_MS = 100

/** Asks a replica whether it is there; calls `onEnd` when there is no answer to wait for any more. */
type Ask = (host: Host, onEnd: () => void) => void

interface Question {
  readonly path: string
  /** As long as no other one is asked in its place. */
  timer: NodeJS.Timeout | undefined
}

/**
 * The replicas that have never answered: only what they announced is known, which on an open mesh may be anybody's
 * word. Calls go to others while there are any, and these are asked whether they are there: they get calls as soon as
 * they have answered.
 */
export class UnprovenReplicas {
  private readonly ids = new Set<string>()
  /** Those that are asked, by the id of their node. */
  private readonly asked = new Map<string, Question>()
  /** Those to be asked next, while none of them has answered. */
  private readonly next = new Map<string, Host>()
  private room = MAX_ASKED

  constructor (private readonly ask: Ask) {}

  /** How many there are. */
  get size (): number {
    return this.ids.size
  }

  /** Whether a node has never answered. */
  has (nodeId: string): boolean {
    return this.ids.has(nodeId)
  }

  /** A node is known by what it announced. */
  add (nodeId: string): void {
    this.ids.add(nodeId)
  }

  /** A node has answered. */
  answered (nodeId: string): void {
    // For other services, others are needed.
    const path = this.asked.get(nodeId)?.path ?? this.next.get(nodeId)?.contract.path
    for (const [id, { contract }] of this.next) if (contract.path === path) this.next.delete(id)
    this.delete(nodeId)
  }

  /** A node is gone. */
  delete (nodeId: string): void {
    this.ids.delete(nodeId)
    this.next.delete(nodeId)
    this.end(nodeId)
  }

  /** Those that have answered; all of them where none has. The others are asked. */
  first<H extends Host> (replicas: readonly H[]): readonly H[] {
    if (this.ids.size === 0) return replicas
    const proven = replicas.filter(({ node: { id } }) => !this.ids.has(id))
    if (proven.length === replicas.length) return replicas
    if (proven.length === 0) for (const host of replicas) this.next.set(host.node.id, host)
    for (const host of replicas) {
      if (this.room === 0) break
      if (this.ids.has(host.node.id)) this.askOne(host)
    }
    return proven.length > 0 ? proven : replicas
  }

  /** Asks nobody any more. */
  close (): void {
    this.next.clear()
    for (const nodeId of [...this.asked.keys()]) this.end(nodeId)
  }

  private askOne (host: Host): void {
    const { id } = host.node
    this.next.delete(id)
    if (this.asked.has(id)) return
    this.room--
    this.asked.set(id, { path: host.contract.path, timer: setTimeout(() => this.leaveRoom(id), PATIENCE_MS) })
    this.ask(host, () => this.end(id))
  }

  /** The question is over. */
  private end (nodeId: string): void {
    this.leaveRoom(nodeId)
    this.asked.delete(nodeId)
  }

  private leaveRoom (nodeId: string): void {
    const question = this.asked.get(nodeId)
    if (question?.timer === undefined) return
    clearTimeout(question.timer)
    question.timer = undefined
    this.room++
    const [host] = this.next.values()
    if (host !== undefined) this.askOne(host)
  }
}
