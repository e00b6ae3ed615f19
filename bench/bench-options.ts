import { parseArgs } from 'node:util'
import { benchSystems, isSystemName, SYSTEMS, type SystemName } from './systems/systems'
import type { Pace } from './work/work'

export interface BenchOptions {
  readonly systems: readonly SystemName[]
  /** Names of work; empty for all. */
  readonly work: readonly string[]
  /** How often everything is measured. */
  readonly rounds: number
  /** Whether the processes are new in each round. */
  readonly restart: boolean
  /** How often work is measured that starts processes of its own. */
  readonly starts: number
  readonly pace: Pace
  /** Whether the results go into bench/results, and from there into the documents. */
  readonly write: boolean
}

const QUICK = {
  rounds: 2, restart: false, starts: 1, pace: { isQuick: true, warmUp: 150, window: 300, events: 30_000, idle: 1_000 }
}

const FULL = {
  rounds: 5, restart: true, starts: 5,
  pace: { isQuick: false, warmUp: 500, window: 1_500, events: 100_000, idle: 5_000 }
}

const USAGE = `Usage: npm run bench -- [options]
  --quick           fewer and shorter rounds: under two minutes
  --only=a,b        these systems: ${Object.keys(SYSTEMS).join(', ')}
  --work=a,b        this work: calls, calls-128, result, events, first-call, idle, …
  --rounds=n        how often everything is measured
  --write           puts the results into bench/results and into the documents, as a whole run does by itself`

function list (words: string | undefined): string[] {
  return words === undefined ? [] : words.split(',').filter(word => word !== '')
}

/** What the command line asks for; explains itself and ends when it asks for what is not there. */
export function readOptions (args: readonly string[]): BenchOptions {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        quick: { type: 'boolean', default: false },
        only: { type: 'string' },
        work: { type: 'string' },
        rounds: { type: 'string' },
        write: { type: 'boolean', default: false }
      }
    })
    const names = list(values.only)
    const unknown = names.filter(name => !isSystemName(name))
    if (unknown.length > 0) throw new Error(`there is no system ${unknown.join(', ')}`)
    const { rounds, starts, ...pace } = values.quick ? QUICK : FULL
    const isWhole = !values.quick && values.only === undefined && values.work === undefined
    return {
      systems: names.length > 0 ? names.filter(isSystemName) : benchSystems(values.quick),
      work: list(values.work),
      rounds: Number(values.rounds ?? rounds),
      starts: Number(values.rounds ?? starts),
      write: values.write || isWhole,
      ...pace
    }
  } catch (error) {
    console.error(`${(error as Error).message}\n${USAGE}`)
    process.exit(1)
  }
}
