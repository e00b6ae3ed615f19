import { setTimeout as pause } from 'node:timers/promises'
import type { NodeReport, UnseenPeer } from '../../inspection/node-report'
import type { MeshObserver, ObservedNode } from '../../inspection/observer/observer'
import type { Variables } from '../../option-table/variable'

/** How long nodes may take to be heard: hellos are repeated within this time. */
const LISTEN_MS = 2_200
/** How long answers may take after that; with it, the doctor is done within 3 s. */
const ANSWERS_MS = 700
/** What nobody asked cannot have answered; so the first answer opens connections, and shows what is wrong with them. */
const PROBE_MS = 50

/** A node, and what it answered. */
export interface ExaminedNode {
  readonly node: ObservedNode
  /** Undefined where it answers no questions. */
  readonly report?: NodeReport
  /** By how many ms its wall clock is ahead of the one of this machine. */
  readonly aheadMs?: number
}

/** What is not seen, and who does not see it. */
export interface Unseen extends UnseenPeer {
  /** Undefined for the doctor itself. */
  readonly by?: string
}

/** All that the doctor judges. */
export interface Evidence {
  readonly nodes: readonly ExaminedNode[]
  readonly unseen: readonly Unseen[]
  readonly variables: Variables
}

/** Listens, asks all nodes, and collects what they and the observer see. */
export async function gather (observer: MeshObserver, variables: Variables, signal: AbortSignal): Promise<Evidence> {
  const probed = new Set<string>()
  for (const endsAt = performance.now() + LISTEN_MS; performance.now() < endsAt && !signal.aborted;) {
    for (const { id } of observer.nodes.filter(({ id }) => !probed.has(id))) {
      probed.add(id)
      void observer.inspect(id).catch(() => {})
    }
    await pause(PROBE_MS)
  }
  const nodes = await Promise.all(observer.nodes.map(async node => await examine(observer, node)))
  const own: Unseen[] = observer.unreachable.map(({ address, reason, ...rest }) => ({ ...rest, address, reason }))
  const others = nodes.flatMap(({ node, report }) =>
    (report?.unreachable ?? []).map(unseen => ({ ...unseen, by: titleOf(node) })))
  return { nodes, unseen: [...own, ...others], variables }
}

/** What people call a node. */
export function titleOf ({ name, id }: Pick<ObservedNode, 'name' | 'id'>): string {
  return name === undefined ? id : `${name} (${id.slice(0, 8)})`
}

async function examine (observer: MeshObserver, node: ObservedNode): Promise<ExaminedNode> {
  const askedAt = Date.now()
  const timeout = pause(ANSWERS_MS, undefined, { ref: false })
  const report = await Promise.race([observer.inspect(node.id).catch(() => undefined), timeout])
  if (report === undefined) return { node }
  // Nodes of an older release tell no time.
  return report.time === 0 ? { node, report } : { node, report, aheadMs: report.time - (askedAt + Date.now()) / 2 }
}
