import { randomUUID } from 'node:crypto'
import { methodOf, type Contract } from '../../contract/contract'
import { unavailable } from '../../errors'
import type { NodeLog } from '../../log'
import { INSPECT } from '../../transport/session/control'
import { groupsOf, lettersOf, type DeadLetters, type DurableGroupLag } from '../../transport/event-store'
import type { Peer, Request, Transport, TransportHost } from '../../transport/transport'
import type { NodeReport, SeenPeer } from '../node-report'
import type { TapSide } from '../records'
import { seenPeer } from '../seen-peer'
import { ObserverTap, type TapListener } from './observer-tap'
import { readReport } from './read-answers'

/** The nodes that an observer keeps. */
const MAX_OBSERVED_NODES = 10_000

/** How long an answer may take, in ms. */
const ANSWER_MS = 5_000

/** What an observer is on the mesh. */
export interface ObserverOptions {
  /** The key that it states. @default 'default' */
  readonly key?: string
  /** What people call it. */
  readonly name?: string
  /** Where it tells what happens. @default the process */
  readonly log?: NodeLog
}

/** A node of the mesh, as an observer sees it. */
export interface ObservedNode extends SeenPeer {
  readonly contracts: readonly Contract[]
}

/** What a tap tells. */
export interface TapOptions {
  /** Of one service alone. */
  readonly path?: string
  /** @default all */
  readonly sides?: readonly TapSide[]
  /** Whether nodes that allow it tell what calls and events carry. @default false */
  readonly payloads?: boolean
}

/** One call. */
export interface ObserverCall extends Pick<Request, 'path' | 'method' | 'id' | 'data' | 'params'> {
  readonly timeoutMs: number
}

/**
 * A node that only looks at the mesh: it needs a transport and nothing else, hosts nothing, and other nodes don't count
 * it as one of theirs.
 */
export class MeshObserver {
  readonly id = randomUUID()
  readonly key: string
  private readonly peers = new Map<string, Peer>()
  private readonly taps = new Set<ObserverTap>()

  constructor (private readonly transport: Transport, private readonly options: ObserverOptions = {}) {
    this.key = options.key ?? 'default'
  }

  /**
   * The durable events that no listener could handle.
   *
   * @throws {@link ConfigurationError} where the transport keeps no events
   */
  get deadLetters (): DeadLetters {
    return lettersOf(this.transport.eventStore)
  }

  /**
   * The groups that durable events are kept for, and how far behind each is.
   *
   * @throws {@link ConfigurationError} where the transport keeps no events
   */
  async durableGroups (): Promise<readonly DurableGroupLag[]> {
    return await groupsOf(this.transport.eventStore)
  }

  /** Joins the mesh as an observer. */
  async start (): Promise<void> {
    await this.transport.start(this.host)
  }

  /** Leaves it. Taps end. */
  async stop (): Promise<void> {
    await Promise.all([...this.taps].map(async tap => await tap.stop()))
    await this.transport.stop(0)
    this.peers.clear()
  }

  /** The nodes of the mesh, without observers. */
  get nodes (): ObservedNode[] {
    return [...this.peers.values()].map(peer => ({ ...seenPeer(this.transport, peer), contracts: peer.contracts }))
  }

  /** The nodes that were heard and can't be reached, and why. */
  get unreachable (): ReturnType<NonNullable<Transport['unreachable']>> {
    return this.transport.unreachable?.() ?? []
  }

  /**
   * Asks a node what it measured.
   *
   * @returns undefined where it answers no such questions: it is old, or its option `inspect` is false
   * @throws what the node refuses the question with, such as Forbidden; Unavailable where there is no answer in time
   */
  async inspect (nodeId: string): Promise<NodeReport | undefined> {
    return readReport(await this.ask(nodeId, { ask: 'report' }))
  }

  /**
   * Shows the calls and events of all nodes that allow it, also of those that join later.
   *
   * @returns ends it
   */
  tap (options: TapOptions, listener: TapListener): () => void {
    const tap = new ObserverTap((nodeId, data) => this.ask(nodeId, { ...options, ...data }), listener)
    this.taps.add(tap)
    for (const { id } of this.peers.values()) tap.add(id)
    return () => {
      this.taps.delete(tap)
      void tap.stop()
    }
  }

  /**
   * Calls a method of a service once, on one node that hosts it. It is never sent again.
   *
   * @throws the error of the service; Unavailable where no node hosts it, or takes the call
   */
  async call ({ timeoutMs, ...call }: ObserverCall): Promise<unknown> {
    const offers = (contract: Contract): boolean => {
      return contract.path === call.path && methodOf(contract, call.method) !== undefined
    }
    const host = [...this.peers.values()].find(({ contracts }) => contracts.some(offers))
    if (host === undefined) throw unavailable({ path: call.path, method: call.method }, 'no node offers it')
    return await this.request(host.id, { ...call, key: host.key }, timeoutMs)
  }

  private async ask (nodeId: string, data: object): Promise<unknown> {
    const key = this.peers.get(nodeId)?.key ?? ''
    try {
      return await this.request(nodeId, { method: INSPECT, path: '', key, data }, ANSWER_MS)
    } catch (error) {
      if (isUnknownQuestion(error)) return undefined
      throw error
    }
  }

  private async request (nodeId: string, request: Request, timeoutMs: number): Promise<unknown> {
    const { transport } = this
    const { path, method } = request
    return await new Promise((resolve, reject) => {
      const fail = (reason: string): void => reject(unavailable({ path, method, node: nodeId }, reason))
      const timer = setTimeout(() => {
        transport.cancel(nodeId, id)
        fail(`no answer of node ${nodeId} within ${timeoutMs} ms`)
      }, timeoutMs)
      const id = transport.request(nodeId, request, {
        settle (error, value) {
          clearTimeout(timer)
          if (error === null || error === undefined) resolve(value)
          // Whatever the service threw.
          // oxlint-disable-next-line typescript/prefer-promise-reject-errors
          else reject(error)
        },
        fail (error) {
          clearTimeout(timer)
          // A refusal has a better one.
          if (error.cause instanceof Error) reject(error.cause)
          else fail(error.message)
        }
      })
    })
  }

  private get host (): TransportHost {
    const { id, key, options: { name, log } } = this
    return {
      id,
      key,
      ...name === undefined ? {} : { name },
      ...log === undefined ? {} : { log },
      isObserver: true,
      contracts: () => [],
      // It hosts nothing: who calls it nevertheless is told so.
      serve: call => call.reply(unavailable({ path: '' }, 'this node only looks at the mesh')),
      receive: () => {},
      // A hello may be anybody's: what is shown, asked and called has answered.
      needs: () => true,
      joined: peer => this.joined(peer),
      left: peerId => this.left(peerId)
    }
  }

  private joined (peer: Peer): void {
    if (peer.isObserver === true || (this.peers.size >= MAX_OBSERVED_NODES && !this.peers.has(peer.id))) return
    this.peers.set(peer.id, peer)
    for (const tap of this.taps) tap.add(peer.id)
  }

  private left (peerId: string): void {
    this.peers.delete(peerId)
    for (const tap of this.taps) tap.delete(peerId)
  }
}

/** Whether a node refused the question as a call that it does not host: it knows no such questions. */
function isUnknownQuestion (error: unknown): boolean {
  return error instanceof Error && Reflect.get(error, 'code') === 404
}
