import { setTimeout as pause } from 'node:timers/promises'
import type { MeshObserver, ObservedNode } from '../../inspection/observer/observer'
import type { NodeReport } from '../../inspection/node-report'
import { listen } from '../connect'
import type { Output } from '../output'

/** How long the command waits for answers, beside the time that it listens. */
const ANSWERS_MS = 600

const COLUMNS = ['NODE', 'KEY', 'WAY', 'ADDRESS', 'RTT', 'VERSION', 'UP', 'SERVICES', 'CALLS/MIN', 'ID']

/** What is told where there is no node. */
export const NOBODY_HEARD = 'no node was heard within a second; --help tells how to name the mesh'

/** A node, with what it answers; undefined where it does not. */
export interface AnsweringNode {
  readonly node: ObservedNode
  readonly report: NodeReport | undefined
}

/** Asks all nodes what they measured. Those that do not answer in time count as those that never do. */
export async function askAll (observer: MeshObserver): Promise<AnsweringNode[]> {
  const timeout = pause(ANSWERS_MS, undefined, { ref: false })
  return await Promise.all(observer.nodes.map(async node => {
    const report = await Promise.race([observer.inspect(node.id).catch(() => undefined), timeout])
    return { node, report }
  }))
}

/** Prints the nodes of the mesh. Returns whether there are any. */
export async function showNodes (observer: MeshObserver, output: Output): Promise<boolean> {
  await listen(observer)
  const nodes = (await askAll(observer)).sort((a, b) => titleOf(a.node).localeCompare(titleOf(b.node)))
  const { unreachable } = observer
  if (output.isJson) {
    output.json({ nodes: nodes.map(({ node, report }) => ({ ...plainNode(node), report })), unreachable })
    return nodes.length > 0
  }
  if (nodes.length > 0) {
    output.table(COLUMNS, nodes.map(row))
  } else output.line(NOBODY_HEARD)
  for (const unseen of unreachable) output.line(notReached(unseen))
  return nodes.length > 0
}

/** A line about a node that was heard, and can't be reached. */
export function notReached ({ address, name, reason }: MeshObserver['unreachable'][number]): string {
  return `not reached: ${name ?? address}: ${reason}`
}

/** A node for programs. */
export function plainNode ({ contracts, ...node }: ObservedNode): object {
  return { ...node, services: contracts.map(({ path }) => path) }
}

/** What people call a node. */
export function titleOf ({ name, id }: ObservedNode): string {
  return name ?? id
}

function row ({ node, report }: AnsweringNode): string[] {
  const { key, way = '-', address = '-', roundTripMs, contracts, id } = node
  const calls = report?.served.reduce((sum, { lastMinute }) => sum + lastMinute.calls, 0)
  const up = report === undefined ? '-' : durationOf(report.uptimeMs)
  return [
    titleOf(node), key, way, address, roundTripMs === undefined ? '-' : `${roundTripMs.toFixed(1)} ms`,
    report?.version ?? '-', up, String(contracts.length), String(calls ?? '-'), id
  ]
}

/** A time, in the unit that suits it. */
export function durationOf (ms: number): string {
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 1) return `${Math.floor(ms / 1_000)} s`
  if (minutes < 120) return `${minutes} min`
  return minutes < 2_880 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1_440)} d`
}
