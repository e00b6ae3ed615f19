import type { MethodFigures } from '../../inspection/method-measure'
import type { NodeReport, UnseenPeer } from '../../inspection/node-report'
import type { ObservedNode } from '../../inspection/observer/observer'

/** What is shown of a node. Figures are there where it answers. */
export interface NodePicture {
  readonly id: string
  readonly name: string
  readonly key: string
  readonly address?: string
  /** `silent`: it answered once, and not for some seconds; `closed`: it answers no questions, or not yet. */
  readonly state: 'answers' | 'silent' | 'closed'
  /** The paths that it hosts. */
  readonly services: readonly string[]
  /** The paths that it calls, of those that it tells. */
  readonly calls: readonly string[]
  readonly version?: string
  readonly uptimeMs?: number
  /** Of the calls that it served. */
  readonly callsPerSecond?: number
  readonly errorsPerSecond?: number
  readonly inFlight?: number
  /** Of its own calls: those that no node has. */
  readonly waiting?: number
  /** Of the slowest of its methods, in ms. */
  readonly p99?: number
  /** Events that it sent to the mesh. */
  readonly eventsPerSecond?: number
  /** How often it refused something, by reason. */
  readonly refusals: Readonly<Record<string, number>>
}

/** What is shown of a method, over all nodes that serve it. */
export interface MethodPicture {
  readonly path: string
  readonly method: string
  readonly nodes: number
  readonly callsPerSecond: number
  readonly errorsPerSecond: number
  readonly inFlight: number
  /** Of the slowest node, in ms. */
  readonly p50?: number
  readonly p95?: number
  readonly p99?: number
}

/** What a node does not see; `by` is its name, or undefined for the command line. */
export interface UnseenPicture extends UnseenPeer {
  readonly by?: string
}

/** A mesh at one moment. */
export interface MeshPicture {
  /** In ms since 1970, by the wall clock. */
  readonly at: number
  readonly nodes: readonly NodePicture[]
  readonly methods: readonly MethodPicture[]
  readonly unseen: readonly UnseenPicture[]
}

/** What is known of one node. */
export interface Watched {
  readonly node: ObservedNode
  /** Its latest answer. */
  readonly report?: NodeReport
  /** The one before, for figures by the second. */
  readonly before?: NodeReport
  /** Whether it stopped answering. */
  readonly isSilent: boolean
}

/** Draws the mesh from what its nodes answered. */
export function pictureOf (watched: readonly Watched[], unseen: readonly UnseenPeer[]): MeshPicture {
  const nodes = watched.map(nodePicture).sort((a, b) => a.name < b.name ? -1 : 1)
  return { at: Date.now(), nodes, methods: methodPictures(watched), unseen: [...unseen, ...watched.flatMap(unseenBy)] }
}

function nodePicture ({ node, report, before, isSilent }: Watched): NodePicture {
  const { id, name = id, key, address, contracts } = node
  const known = {
    id, name, key, ...address === undefined ? {} : { address }, services: contracts.map(({ path }) => path)
  }
  if (report === undefined) return { ...known, state: 'closed', calls: [], refusals: {} }
  const { served, called, events, version, uptimeMs, refusals } = report
  const seconds = secondsBetween(before, report)
  const sentBefore = sum((before?.events ?? []).map(({ sent }) => sent))
  const p99 = Math.max(-1, ...served.map(({ lastMinute }) => lastMinute.p99 ?? -1))
  return {
    ...known,
    state: isSilent ? 'silent' : 'answers',
    calls: [...new Set(called.filter(({ calls, inFlight }) => calls + inFlight > 0).map(({ path }) => path))],
    version,
    uptimeMs,
    callsPerSecond: rate(sum(served.map(callsOf)), sum((before?.served ?? []).map(callsOf)), seconds),
    errorsPerSecond: rate(sum(served.map(errorsOf)), sum((before?.served ?? []).map(errorsOf)), seconds),
    inFlight: sum(served.map(({ inFlight }) => inFlight)),
    waiting: sum(called.map(({ waiting }) => waiting)),
    ...p99 < 0 ? {} : { p99 },
    eventsPerSecond: rate(sum(events.map(({ sent }) => sent)), sentBefore, seconds),
    refusals
  }
}

/** The methods of one name on all nodes. */
function methodPictures (watched: readonly Watched[]): MethodPicture[] {
  const byName = new Map<string, MethodPicture>()
  for (const { report, before } of watched) {
    const seconds = secondsBetween(before, report)
    // Not found one by one: a peer chooses how many there are.
    const earlier = new Map((before?.served ?? []).map(figures => [nameOf(figures), figures]))
    for (const figures of report?.served ?? []) {
      const { path, method } = figures
      const id = nameOf(figures)
      const other = byName.get(id) ?? { path, method, nodes: 0, callsPerSecond: 0, errorsPerSecond: 0, inFlight: 0 }
      byName.set(id, withNode(other, figures, earlier.get(id), seconds))
    }
  }
  return [...byName.values()].sort((a, b) => `${a.path} ${a.method}` < `${b.path} ${b.method}` ? -1 : 1)
}

function nameOf ({ path, method }: MethodFigures): string {
  return JSON.stringify([path, method])
}

function withNode (
  others: MethodPicture, figures: MethodFigures, earlier: MethodFigures | undefined, seconds: number | undefined
): MethodPicture {
  return {
    ...others,
    nodes: others.nodes + 1,
    callsPerSecond: others.callsPerSecond + rate(figures.calls, callsOf(earlier), seconds),
    errorsPerSecond: others.errorsPerSecond + rate(errorsOf(figures), errorsOf(earlier), seconds),
    inFlight: others.inFlight + figures.inFlight,
    ...slowest(figures.lastMinute, others)
  }
}

type Quantiles = Pick<MethodPicture, 'p50' | 'p95' | 'p99'>

function slowest (times: Quantiles, other: Quantiles): Quantiles {
  const names = ['p50', 'p95', 'p99'] as const
  const known = names.map(name => [name, Math.max(times[name] ?? -1, other[name] ?? -1)] as const)
  return Object.fromEntries(known.filter(([, ms]) => ms >= 0))
}

function unseenBy ({ node: { name, id }, report }: Watched): UnseenPicture[] {
  return (report?.unreachable ?? []).map(unseen => ({ ...unseen, by: name ?? id }))
}

/** Undefined without two answers of one process. */
function secondsBetween (before: NodeReport | undefined, report: NodeReport | undefined): number | undefined {
  if (before === undefined || report === undefined) return undefined
  const ms = report.uptimeMs - before.uptimeMs
  return ms > 0 ? ms / 1_000 : undefined
}

/** What was counted by the second, with one digit. */
function rate (now: number, before: number, seconds: number | undefined): number {
  return seconds === undefined ? 0 : Math.max(0, Math.round((now - before) / seconds * 10) / 10)
}

function sum (figures: readonly number[]): number {
  return figures.reduce((all, figure) => all + figure, 0)
}

function callsOf (figures: MethodFigures | undefined): number {
  return figures?.calls ?? 0
}

function errorsOf (figures: MethodFigures | undefined): number {
  return sum(Object.values(figures?.errors ?? {}))
}
