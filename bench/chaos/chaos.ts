/**
 * What becomes of 32 concurrent calls when one of two replicas is killed, for ours and its peers.
 *
 * Usage: npm run bench:chaos -- [--rounds=n] [--only=a,b] [--write]
 */
import { parseArgs } from 'node:util'
import { installPeers, RESULTS } from '../peers'
import { fillDocuments } from '../report/documents'
import { writeRun } from '../report/run-files'
import { isSystemName, titleOf, type SystemName } from '../systems/systems'
import { chaosTables, type ChaosRun, type Outcomes } from './chaos-tables'
import type { Mode } from './disturbed-load'
import { killRound, type Killed } from './kill-round'

const SYSTEMS: readonly SystemName[] = ['ours', 'feathers-distributed', 'moleculer', 'moleculer-retries']

async function measure (mode: Mode, systems: readonly SystemName[], rounds: number): Promise<Outcomes> {
  const outcomes = new Map<SystemName, Killed[]>(systems.map(system => [system, []]))
  for (let round = 0; round < rounds; round++) {
    for (const system of systems) {
      console.error(`[${Math.round(performance.now() / 1_000)} s] ${mode}, ${round + 1} of ${rounds}: ${titleOf(system)}`)
      outcomes.get(system)?.push(await killRound(system, mode))
    }
  }
  return Object.fromEntries(outcomes)
}

async function main (): Promise<void> {
  installPeers()
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '5' },
      only: { type: 'string' },
      write: { type: 'boolean', default: false }
    }
  })
  const rounds = Number(values.rounds)
  const systems = values.only?.split(',').filter(isSystemName) ?? SYSTEMS
  const idempotent = await measure('get', systems, rounds)
  const others = await measure('create', systems, rounds)
  const run: ChaosRun = { rounds, idempotent, others }
  console.log(chaosTables(run))
  if (!values.write) return
  writeRun(RESULTS, 'chaos', run)
  fillDocuments()
}

main().catch(error => {
  console.error(error)
  process.exitCode = 1
})
