/**
 * What telemetry costs: calls at 128 in flight without it, with the API of OpenTelemetry alone, and with its SDK;
 * beside them a program that makes the same spans and metrics by the SDK itself, around calls without telemetry. (In a
 * loop of its own, the SDK takes two thirds of that: what it makes lives no longer than its turn.)
 *
 * Usage: npm run bench:telemetry -- [--rounds=5] [--calls=40000]
 */
import { parseArgs } from 'node:util'
import { Side, type CallTotals } from '../against/side'
import { table } from '../report/table'
import { median, short } from '../report/statistics'
import { machine } from '../report/run-files'
import { titleOf } from '../systems/systems'

const WITHOUT = 'ours'
const NAMES = [
  WITHOUT, 'ours-telemetry-api', 'ours-telemetry-some', 'ours-by-hand-some', 'ours-telemetry-all', 'ours-by-hand-all'
] as const

/** Turns of each system in a round. */
const TURNS = 3
/** The warm-up is that many turns long: rates grow for some 300,000 calls. */
const WARM_UP = 8

interface Costs {
  readonly rate: number
  /** Microseconds of CPU per call. */
  readonly caller: number
  readonly host: number
}

type Round = Readonly<Record<typeof NAMES[number], Costs>>

function costsOf (turns: readonly CallTotals[]): Costs {
  const sum = (figure: keyof CallTotals): number => turns.reduce((total, turn) => total + turn[figure], 0)
  const calls = sum('calls')
  return { rate: calls / sum('time') * 1_000, caller: sum('caller') / calls, host: sum('host') / calls }
}

/** All systems in small turns, forwards and backwards: a machine that gets slower meanwhile does so for all. */
async function measureRound (calls: number): Promise<Round> {
  const measured = NAMES.map(name => ({ name, side: new Side(name), turns: [] as CallTotals[] }))
  try {
    for (const { side } of measured) {
      await side.start()
      await side.calls(WARM_UP * calls)
    }
    for (let turn = 0; turn < 2 * TURNS; turn++) {
      const order = turn % 2 === 0 ? measured : [...measured].reverse()
      for (const { side, turns } of order) turns.push(await side.calls(calls))
    }
    // One for each name.
    return Object.fromEntries(measured.map(({ name, turns }) => [name, costsOf(turns)])) as Round
  } finally {
    await Promise.all(measured.map(async ({ side }) => await side.kill()))
  }
}

async function main (): Promise<void> {
  const { values } = parseArgs({
    options: { rounds: { type: 'string', default: '5' }, calls: { type: 'string', default: '40000' } }
  })
  const calls = Number(values.calls)
  const rounds: Round[] = []
  for (let n = 0; n < Number(values.rounds); n++) {
    console.error(`[${Math.round(performance.now() / 1_000)} s] round ${n + 1} of ${values.rounds}`)
    rounds.push(await measureRound(calls))
  }
  const middle = (figure: (round: Round) => number): number => median(rounds.map(figure))
  const rows = NAMES.map(name => [
    titleOf(name),
    short(middle(round => round[name].rate)),
    short(middle(round => round[name].rate / round[WITHOUT].rate)),
    short(middle(round => round[name].caller)),
    short(middle(round => round[name].host))
  ])
  const head = ['128 in flight', 'calls per s', 'of those without', 'CPU of the caller (µs)', 'CPU of the host (µs)']
  console.log(table(head, rows))
  const beside = (['some', 'all'] as const).flatMap(sampling => (['caller', 'host'] as const).map(side => {
    const addedBy = (kind: 'telemetry' | 'by-hand') => (round: Round): number =>
      round[`ours-${kind}-${sampling}`][side] - round[WITHOUT][side]
    const [ours, byHand] = [addedBy('telemetry'), addedBy('by-hand')]
    const what = `${sampling === 'some' ? '1 % of traces' : 'all spans'}, ${side}`
    return [what, ...[ours, byHand, (round: Round) => ours(round) / byHand(round)].map(each => short(middle(each)))]
  }))
  console.log(`\n${table(['CPU per call (µs)', 'added by telemetry', 'added by hand', 'ratio'], beside)}`)
  console.log(`\nmedians of ${values.rounds} rounds; ${machine()}`)
}

main().catch(error => {
  console.error(error)
  process.exitCode = 1
})
