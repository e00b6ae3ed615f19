/** Ours of here beside ours of another commit, on this machine, in alternating pairs. */
import type { BenchOptions } from '../bench-options'
import { machine } from '../report/run-files'
import { titleOf, type SystemName } from '../systems/systems'
import type { Pace } from '../work/work-types'
import { comparisonTable, type PairedFigure } from './comparison'
import { buildOf } from './other-build'
import { Side, type CallTotals, type EventTotals } from './side'

/** What one side took in one pair. */
interface Taken {
  readonly calls: CallTotals
  readonly events: EventTotals
}

interface Measured {
  readonly here: Taken
  readonly there: Taken
}

/** The figures that are told; CPU first, as it hangs least on what else the machine does. */
const FIGURES: ReadonlyArray<Pick<PairedFigure, 'title' | 'unit'> & { readonly of: (taken: Taken) => number }> = [
  { title: 'CPU of the caller per call', unit: 'µs', of: ({ calls }) => calls.caller / calls.calls },
  { title: 'CPU of the host per call', unit: 'µs', of: ({ calls }) => calls.host / calls.calls },
  { title: 'CPU of the host per event', unit: 'µs', of: ({ events }) => events.host / events.events },
  { title: 'CPU of the subscriber per event', unit: 'µs', of: ({ events }) => events.subscriber / events.events },
  { title: 'calls, 128 in flight', unit: 'per second', of: ({ calls }) => calls.calls / calls.time * 1_000 },
  { title: 'events, one subscriber', unit: 'per second', of: ({ events }) => events.events / events.time * 1_000 }
]

/** How many turns each side has in a pair. */
const TURNS = 4

/**
 * How many turns each side has before them. In the first two seconds Node compiles what runs often, for longer where a
 * commit has more code: without these turns, that would be most of what is measured.
 */
const WARM_UP_TURNS = 10

/** Builds the other commit, measures both in pairs, and prints a line for each figure. */
export async function measureAgainst (ref: string, options: BenchOptions): Promise<void> {
  const { pairs, pace, systems: [system = 'ours'] } = options
  console.error(`building ${ref} …`)
  const other = await buildOf(ref)
  try {
    const measured: Measured[] = []
    for (let n = 0; n < pairs; n++) {
      console.error(`[${Math.round(performance.now() / 1_000)} s] pair ${n + 1} of ${pairs}`)
      measured.push(await measurePair(system, other.bench, pace, n % 2 === 1))
    }
    console.log(comparisonTable(other.commit, figuresOf(measured)))
    const how = 'medians; new processes in each pair, one side at work at a time'
    console.log(`\n${titleOf(system)}, ${pairs} pairs, here against ${other.commit}: ${how}; ${machine()}`)
  } finally {
    other.remove()
  }
}

function figuresOf (measured: readonly Measured[]): PairedFigure[] {
  return FIGURES.map(({ title, unit, of }) => {
    return { title, unit, here: measured.map(({ here }) => of(here)), there: measured.map(({ there }) => of(there)) }
  })
}

async function measurePair (
  system: SystemName, bench: string, pace: Pace, isTheirsFirst: boolean
): Promise<Measured> {
  const here = new Side(system)
  const there = new Side(system, bench)
  try {
    const order = isTheirsFirst ? [there, here] as const : [here, there] as const
    for (const side of order) await side.start()
    const [first, second] = await measureBoth(order, pace)
    return isTheirsFirst ? { here: second, there: first } : { here: first, there: second }
  } finally {
    await Promise.all([here.kill(), there.kill()])
  }
}

/** Both sides in small turns that alternate: a machine that gets faster or slower meanwhile does so for both. */
async function measureBoth ([a, b]: readonly [Side, Side], pace: Pace): Promise<[Taken, Taken]> {
  const calls = await inTurns(a, b, async side => await side.calls(pace.calls / TURNS))
  const events = await inTurns(a, b, async side => await side.events(pace.events / TURNS))
  return [{ calls: calls[0], events: events[0] }, { calls: calls[1], events: events[1] }]
}

type Totals<T> = { readonly [K in keyof T]: number }

/** Gives both sides their turns: ABBA, then BAAB. So each follows itself as often as it follows the other. */
async function inTurns<T extends Totals<T>> (
  a: Side, b: Side, measure: (side: Side) => Promise<T>
): Promise<[T, T]> {
  for (let n = 0; n < WARM_UP_TURNS; n++) for (const side of [a, b]) await measure(side)
  const [ofA, ofB]: [T[], T[]] = [[], []]
  for (const side of [a, b, b, a, b, a, a, b]) {
    const turns = side === a ? ofA : ofB
    turns.push(await measure(side))
  }
  return [ofA.reduce(sum), ofB.reduce(sum)]
}

/** The same totals, those of two turns together. */
function sum<T extends Totals<T>> (one: T, other: T): T {
  const total = { ...one }
  // A sum of two fields of T, all of which are numbers.
  for (const name in total) total[name] = (one[name] + other[name]) as T[typeof name]
  return total
}
