import { pick, randomOf, type Random } from './random'

/** What a fault does to a process, or to the mesh. */
export type FaultKind =
  /** SIGKILL, then another process in its place. */
  | 'kill'
  /** SIGTERM, then another process in its place. */
  | 'restart'
  /** SIGSTOP, and SIGCONT after a while. */
  | 'freeze'
  /** It leaves the mesh and joins again, as the same node. */
  | 'rejoin'
  /** Its wall clock is stepped. */
  | 'step'
  /** Its connections are reset. */
  | 'reset'
  /** It is cut off from the others for a while. */
  | 'cut'
  /** The secret of the mesh is replaced, in three steps. */
  | 'rotate'
  /** What the nodes meet by is killed and started again; where that is no server, nothing happens. */
  | 'server'

/** Faults after which calls may fail, and events be lost and told. After all others, none may. */
const HARSH: readonly FaultKind[] = ['kill', 'freeze', 'reset', 'cut', 'server']

/** One fault. */
export interface Fault {
  readonly kind: FaultKind
  /** Milliseconds after the fault before it. */
  readonly after: number
  /** Which of the processes. */
  readonly target: { readonly role: 'replica' | 'caller', readonly index: number }
  /** Milliseconds that it lasts; or the step of the clock in seconds. */
  readonly amount: number
}

/** All that is done to one world. The same seed gives the same schedule. */
export interface Schedule {
  readonly seed: number
  /** Whether the nodes have a secret. */
  readonly hasSecret: boolean
  /** Whether one replica is on another host, whose cable can be pulled. */
  readonly isApart: boolean
  readonly faults: readonly Fault[]
}

/** What schedules may hold. */
export interface ScheduleOptions {
  readonly length: number
  readonly kinds?: readonly FaultKind[]
  /** Whether networks can be made here. */
  readonly canBeApart: boolean
}

export const REPLICAS = 3
export const CALLERS = 2

const ALL: readonly FaultKind[] = ['kill', 'restart', 'freeze', 'rejoin', 'step', 'reset', 'cut', 'rotate']
const STEPS = [3, -3, 5, -5, 60, -60, 3_600, -3_600]

/** Whether calls and events have to come through it without a single failure. */
export function isGentle ({ faults }: Schedule): boolean {
  return !faults.some(({ kind }) => HARSH.includes(kind))
}

/** The schedule of a seed. */
export function scheduleOf (seed: number, { length, kinds, canBeApart }: ScheduleOptions): Schedule {
  const random = randomOf(seed)
  const hasSecret = random() < 0.4
  const isApart = canBeApart && random() < 0.25
  // Half of all worlds have nothing but gentle faults: only there a failure can't hide behind a harsh one.
  const isGentleOnly = random() < 0.5
  const possible = (kinds ?? ALL).filter(kind =>
    (kind !== 'rotate' || hasSecret) && (kind !== 'cut' || isApart) && !(isGentleOnly && HARSH.includes(kind)))
  const faults = Array.from({ length }, () => faultOf(pick(random, possible.length > 0 ? possible : ALL), random))
  return { seed, hasSecret, isApart, faults }
}

function faultOf (kind: FaultKind, random: Random): Fault {
  const after = 200 + random() * 1_200
  const isOfCaller = kind === 'step' && random() < 0.4
  const target = isOfCaller
    ? { role: 'caller' as const, index: Math.floor(random() * CALLERS) }
    // The one that may be cut off is the first.
    : { role: 'replica' as const, index: kind === 'cut' ? 0 : Math.floor(random() * REPLICAS) }
  return { kind, after, target, amount: kind === 'step' ? pick(random, STEPS) : 200 + random() * 3_300 }
}
