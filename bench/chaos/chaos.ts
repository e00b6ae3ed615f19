/**
 * What becomes of 32 concurrent calls when one of two replicas is killed, for ours and its peers.
 *
 * Usage: npm run bench:chaos -- [--rounds=n] [--only=a,b]
 */
import { parseArgs } from 'node:util'
import { installPeers } from '../peers'
import { short } from '../report/results'
import { median } from '../report/statistics'
import { table } from '../report/table'
import { writeResults } from '../report/write-results'
import { isSystemName, titleOf, type SystemName } from '../systems/systems'
import type { Mode } from './disturbed-load'
import { killRound, type Killed } from './kill-round'

const SYSTEMS: readonly SystemName[] = ['ours', 'feathers-distributed', 'moleculer', 'moleculer-retries']

type Outcomes = ReadonlyMap<SystemName, readonly Killed[]>

const sum = (figures: readonly number[]): number => figures.reduce((total, figure) => total + figure, 0)
const most = (figures: readonly number[]): string => `${short(Math.max(...figures))} ms`

/** Median, and the worst of all rounds. */
const times = (figures: readonly number[]): string => `${short(median(figures))} ms (${most(figures)})`

function tableOf (head: readonly string[], outcomes: Outcomes, cells: (rounds: readonly Killed[]) => string[]): string {
  return table(head, [...outcomes].map(([system, rounds]) => [titleOf(system), ...cells(rounds)]))
}

async function measure (mode: Mode, systems: readonly SystemName[], rounds: number): Promise<Outcomes> {
  const outcomes = new Map<SystemName, Killed[]>(systems.map(system => [system, []]))
  for (let round = 0; round < rounds; round++) {
    for (const system of systems) {
      console.error(`[${Math.round(performance.now() / 1_000)} s] ${mode}, ${round + 1} of ${rounds}: ${titleOf(system)}`)
      outcomes.get(system)?.push(await killRound(system, mode))
    }
  }
  return outcomes
}

async function main (): Promise<void> {
  installPeers()
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '5' }, only: { type: 'string' }, results: { type: 'string' }
    }
  })
  const rounds = Number(values.rounds)
  const systems = values.only?.split(',').filter(isSystemName) ?? SYSTEMS

  const idempotent = await measure('get', systems, rounds)
  const others = await measure('create', systems, rounds)

  console.log(`kill -9 of one of two replicas under 32 concurrent calls, ${rounds} times;`)
  console.log('times are medians (and the worst)\n')
  console.log(tableOf(
    ['calls that may be repeated', 'calls', 'failed', 'slowest call', 'recovery'],
    idempotent,
    killed => [
      short(sum(killed.map(({ calls }) => calls))),
      String(sum(killed.map(({ failed }) => failed))),
      times(killed.map(({ slowest }) => slowest)),
      times(killed.map(({ recovery }) => recovery))
    ]
  ))
  console.log()
  console.log(tableOf(
    ['other calls', 'calls', 'failed', 'last failure after the kill', 'run twice'],
    others,
    killed => [
      short(sum(killed.map(({ calls }) => calls))),
      String(sum(killed.map(({ failed }) => failed))),
      times(killed.map(({ lastFailure }) => lastFailure)),
      String(sum(killed.map(({ twice }) => twice)))
    ]
  ))
  console.log('\nrecovery: from the kill until answers come at 90 % of the rate before it, and no call fails any more')
  const figures = { idempotent: Object.fromEntries(idempotent), others: Object.fromEntries(others) }
  writeResults(values.results, 'chaos', figures)
}

main().catch(error => {
  console.error(error)
  process.exitCode = 1
})
