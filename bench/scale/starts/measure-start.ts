import { setTimeout as delay } from 'node:timers/promises'
import { Child } from '../../processes/child'
import { sharedNow } from '../../processes/usage'
import { WAYS, type ReadyWay, type WayName } from './ways'
import type { NodeUsage, Sight, StartSettings } from './node-watch'

/**
 * What is measured: nodes with services of their own, equal replicas, a node that comes when all others are there until
 * these know it or until all have called it at once, and nodes with services of their own in one process.
 */
export const START_WORK = ['distinct', 'replicas', 'known', 'newcomer', 'memory'] as const

export type StartWork = typeof START_WORK[number]

/** The programs of a node, by its system. */
const PROGRAMS = { ours: 'scale/starts/start-node', moleculer: 'scale/starts/moleculer-start-node' } as const

export type StartSystem = keyof typeof PROGRAMS

export interface StartSize {
  readonly system: StartSystem
  readonly work: StartWork
  readonly way: WayName
  readonly nodes: number
  readonly services: number
}

/** Times in ms; NaN where it never happened. Connections and CPU until then. */
export interface StartFigures {
  /** From the moment when all are told to start, or the newcomer is, until all see all. */
  readonly all: number
  /** Of all nodes together, or of the newcomer. */
  readonly dials: number
  /** Seconds of all nodes together. */
  readonly cpu: number
  /** Bytes of all nodes together. */
  readonly memory: number
}

/** Where the programs of a side lie, and what Node is told for some of them. */
export interface StartSide {
  /** In the build of another commit; else here. */
  readonly bench?: string | undefined
  /** Options of Node for the first processes. */
  readonly nodeOptions?: readonly string[] | undefined
}

/** Milliseconds until a mesh is taken for one that never sees all. */
const PATIENCE = 110_000
/** Microseconds of CPU in a second that all nodes together take at rest, and how long they may take until then. */
const CPU_AT_REST = 300_000
const MAX_SECONDS_TO_REST = 90
/** Milliseconds between two questions whether processes see all, at least, and one for each that does not. */
const BETWEEN_QUESTIONS = 20
/** Processes that get options of Node. */
const PROFILED = 6
/** Processes that start at a time: each takes as long as the others make it wait. */
const AT_A_TIME = 8

const sum = (figures: readonly number[]): number => figures.reduce((total, figure) => total + figure, 0)

async function all<T> (children: readonly Child[], name: string, argument: (n: number) => unknown): Promise<T[]> {
  return await Promise.all(children.map(async (child, n) => await child.ask<T>(name, argument(n))))
}

async function usages (children: readonly Child[]): Promise<NodeUsage[]> {
  return await all<NodeUsage>(children, 'usage', () => null)
}

/** Starts processes that have loaded the package, and no node. */
async function load (
  system: StartSystem, count: number, { bench, nodeOptions }: StartSide, children: Child[]
): Promise<void> {
  while (children.length < count) {
    const some = Array.from({ length: Math.min(AT_A_TIME, count - children.length) }, (_, n) =>
      new Child(PROGRAMS[system], [], children.length + n < PROFILED ? nodeOptions : [], bench))
    children.push(...some)
    await usages(some)
  }
}

/** Starts a mesh in processes of its own, and measures it. */
export async function measureStart (size: StartSize, side: StartSide = {}): Promise<StartFigures> {
  return size.work === 'memory' ? await inOneProcess(size, side) : await inProcesses(size, side)
}

async function inOneProcess ({ nodes, services }: StartSize, { bench, nodeOptions }: StartSide): Promise<StartFigures> {
  const child = new Child('scale/starts/memory-start', [], nodeOptions, bench)
  try {
    return await child.ask<StartFigures>('start', { nodes, services })
  } finally {
    if (nodeOptions === undefined) await child.kill()
    else await child.end()
  }
}

async function inProcesses (size: StartSize, side: StartSide): Promise<StartFigures> {
  const count = size.nodes + (hasNewcomer(size) ? 1 : 0)
  const way = await WAYS[size.way](count)
  const children: Child[] = []
  try {
    await load(size.system, count, side, children)
    return hasNewcomer(size) ? await newcomer(children, size, way) : await together(children, size, way)
  } finally {
    await Promise.all(children.map(async (child, n) => {
      if (n < PROFILED && side.nodeOptions !== undefined) await child.end()
      else await child.kill()
    }))
    await way.end()
  }
}

function hasNewcomer ({ work }: StartSize): boolean {
  return work === 'newcomer' || work === 'known'
}

function settings ({ work, services }: StartSize, { placeOf }: ReadyWay, n: number): StartSettings {
  return { ...placeOf(n), services, ...work === 'replicas' ? {} : { index: n } }
}

function sight (nodes: number, { work, services }: StartSize): Sight {
  return { nodes, services: work === 'replicas' ? services : nodes * services, patience: PATIENCE }
}

/** The last of some moments; NaN where one of them never came. */
function lastOf (moments: ReadonlyArray<number | null>): number {
  return Math.max(...moments.map(moment => moment ?? NaN))
}

async function together (children: readonly Child[], size: StartSize, way: ReadyWay): Promise<StartFigures> {
  const before = await usages(children)
  const begin = sharedNow()
  await all(children, 'start', n => settings(size, way, n))
  const seen = await all<number | null>(children, 'see', () => sight(size.nodes, size))
  return figures(lastOf(seen) - begin, before, await usages(children))
}

/** Waits until a mesh has done what it puts off while it starts. */
async function rest (children: readonly Child[]): Promise<void> {
  const cpu = async (): Promise<number> => sum(await all<number>(children, 'cpu', () => null))
  for (let before = await cpu(), n = 0; n < MAX_SECONDS_TO_REST; n++) {
    await delay(1_000)
    const now = await cpu()
    if (now - before < CPU_AT_REST) return
    before = now
  }
}

/**
 * Asks processes whether they see all; the others when the first one does. So many that looked again and again would
 * keep a newcomer from its start. Returns when each of them was seen to know.
 */
async function whenSeen (children: readonly Child[], full: Sight): Promise<Array<number | null>> {
  const moments: Array<number | null> = []
  const end = performance.now() + full.patience
  for (const some of [children.slice(0, 1), children.slice(1)]) {
    let left: readonly Child[] = some
    while (left.length > 0 && performance.now() < end) {
      const seen = await all<number | null>(left, 'see', () => ({ ...full, patience: 0 }))
      moments.push(...seen.filter(moment => moment !== null))
      left = left.filter((_, n) => seen[n] === null)
      if (left.length > 0) await delay(Math.max(BETWEEN_QUESTIONS, left.length))
    }
    moments.push(...left.map(() => null))
  }
  return moments
}

/** The others see it; or they call it, and it sees them. */
async function newcomer (children: readonly Child[], size: StartSize, way: ReadyWay): Promise<StartFigures> {
  const others = children.slice(0, -1)
  const last = children.slice(-1)
  await together(others, size, way)
  await rest(others)
  const before = await usages(children)
  const begin = sharedNow()
  const started = all(last, 'start', () => settings(size, way, size.nodes))
  const isCalled = size.work === 'newcomer'
  const met = isCalled
    ? await all<number>(others, 'call', () => `node-${size.nodes}/service-0`)
    : await whenSeen(others, sight(children.length, size))
  await started
  const seen = isCalled ? await all<number | null>(last, 'see', () => sight(children.length, size)) : []
  const after = await usages(children)
  const dials = sum(after.slice(-1).map(usage => usage.dials))
  return { ...figures(lastOf([...met, ...seen]) - begin, before, after), dials }
}

function figures (time: number, before: readonly NodeUsage[], after: readonly NodeUsage[]): StartFigures {
  const grown = (figure: keyof NodeUsage): number =>
    sum(after.map(usage => usage[figure])) - sum(before.map(usage => usage[figure]))
  return { all: time, dials: grown('dials'), cpu: grown('cpu') / 1e6, memory: sum(after.map(({ memory }) => memory)) }
}
