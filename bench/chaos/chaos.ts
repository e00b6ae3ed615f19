/**
 * What becomes of 32 concurrent calls when one of two replicas is killed, for ours and its peers.
 *
 * Usage: npm run bench:chaos -- [--rounds=n] [--only=a,b] [--write]
 * Systems on NATS, such as ours-nats, take part where --only names them.
 */
import { parseArgs } from 'node:util'
import { startNats } from '../nats-server'
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

async function measureAll (systems: readonly SystemName[], rounds: number): Promise<ChaosRun> {
  const endNats = await startNats(systems)
  try {
    const idempotent = await measure('get', systems, rounds)
    return { rounds, idempotent, others: await measure('create', systems, rounds) }
  } finally {
    endNats()
  }
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
  const run = await measureAll(systems, rounds)
  console.log(chaosTables(run))
  if (!values.write) return
  writeRun(RESULTS, 'chaos', run)
  fillDocuments()
}

main().catch(error => {
  console.error(error)
  process.exitCode = 1
})
