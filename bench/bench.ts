/** Measures all systems on the same work, side by side, and prints one table. */
import { measureAgainst } from './against/against'
import { readOptions, type BenchOptions } from './bench-options'
import { startNats } from './nats-server'
import { installPeers, RESULTS } from './peers'
import { newPlace, Pair } from './processes/pair'
import { fillDocuments } from './report/documents'
import { figureTable } from './report/figure-table'
import { Results } from './report/results'
import { machine, writeRun } from './report/run-files'
import { targetTable } from './report/targets'
import type { SystemName } from './systems/systems'
import { isChosen, LONE_WORK, PAIR_WORK } from './work/work'
import type { LoneWork, PairWork } from './work/work-types'

/** Each round begins with another system, so that none is always measured behind the same one. */
function rotated<T> (items: readonly T[], by: number): T[] {
  const start = by % items.length
  return [...items.slice(start), ...items.slice(0, start)]
}

function say (what: string): void {
  console.error(`[${Math.round(performance.now() / 1_000)} s] ${what}`)
}

async function startPairs (systems: readonly SystemName[], { pace }: BenchOptions): Promise<Pair[]> {
  const pairs = systems.map(system => new Pair(system))
  try {
    await Promise.all(pairs.map(async pair => await pair.start(newPlace())))
    for (const pair of pairs) {
      await pair.caller.ask('calls', { inFlight: 128, result: 'todo', milliseconds: pace.start })
    }
    return pairs
  } catch (error) {
    await endPairs(pairs)
    throw error
  }
}

async function endPairs (pairs: readonly Pair[]): Promise<void> {
  await Promise.all(pairs.map(async pair => await pair.kill()))
}

/** For each work one system after the other. */
async function measureRound (
  pairs: readonly Pair[], work: readonly PairWork[], { pace }: BenchOptions, results: Results
): Promise<void> {
  for (const { name, measure } of work) {
    say(name)
    for (const pair of pairs) results.add(pair.system, await measure(pair, pace))
  }
}

/** Work of pairs that run all the time. */
async function measurePairs (options: BenchOptions, results: Results): Promise<void> {
  const chosen = PAIR_WORK.filter(({ name }) => isChosen(name, options.work))
  const work = chosen.filter(({ isLong }) => !isLong || !options.pace.isQuick || options.work.length > 0)
  if (work.length === 0) return
  const sessions = options.restart ? options.rounds : 1
  const rounds = options.rounds / sessions
  for (let session = 0; session < sessions; session++) {
    say(`starting all systems, ${session + 1} of ${sessions}`)
    const pairs = await startPairs(options.systems, options)
    try {
      for (let round = 0; round < rounds; round++) {
        // Work that starts processes takes too long to be done in every quick round.
        const part = work.filter(({ startsProcesses }) => !startsProcesses || session + round < options.starts)
        await measureRound(rotated(pairs, session + round), part, options, results)
      }
    } finally {
      await endPairs(pairs)
    }
  }
}

async function measureStarts (options: BenchOptions, results: Results): Promise<void> {
  for (const work of LONE_WORK.filter(({ name }) => isChosen(name, options.work))) {
    for (let round = 0; round < options.starts; round++) {
      say(`${work.name}, ${round + 1} of ${options.starts}`)
      await measureLone(work, rotated(options.systems, round), options, results)
    }
  }
}

async function measureLone (
  { atOnce, measure }: LoneWork, systems: readonly SystemName[], { pace }: BenchOptions, results: Results
): Promise<void> {
  const measureOf = async (system: SystemName): Promise<void> => results.add(system, await measure(system, pace))
  if (atOnce) await Promise.all(systems.map(measureOf))
  else for (const system of systems) await measureOf(system)
}

async function main (): Promise<void> {
  const options = readOptions(process.argv.slice(2))
  const endNats = await startNats(options.systems)
  try {
    await run(options)
  } finally {
    endNats()
  }
}

async function run (options: BenchOptions): Promise<void> {
  if (options.against !== undefined) return await measureAgainst(options.against, options)
  installPeers()
  const results = new Results()
  // In the order of the columns, whichever is measured first.
  for (const system of options.systems) results.add(system, null)
  await measurePairs(options, results)
  await measureStarts(options, results)
  const { figures } = results
  const work = [...PAIR_WORK, ...LONE_WORK].filter(({ name }) => isChosen(name, options.work))
  console.log(figureTable(figures, work.flatMap(({ rows }) => rows)))
  const targets = targetTable(figures)
  if (targets !== undefined) console.log(`\n${targets}`)
  console.log(`\n${machine()}; medians of ${options.rounds} rounds, ± half the way from the least to the greatest`)
  if (!options.write) return
  writeRun(RESULTS, 'bench', { rounds: options.rounds, figures })
  fillDocuments()
}

main().catch(error => {
  console.error(error)
  process.exitCode = 1
})
