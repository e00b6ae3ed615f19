import { parseArgs } from 'node:util'
import { benchSystems, isSystemName, SYSTEMS, type SystemName } from './systems/systems'
import type { Pace } from './work/work-types'

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
  /** A commit: compares this working tree with it, and measures nothing else. */
  readonly against: string | undefined
  /** How many pairs of measurements that takes. */
  readonly pairs: number
  /** Whether the results go into bench/results, and from there into the documents. */
  readonly write: boolean
}

const QUICK = {
  rounds: 2, restart: false, starts: 1,
  pace: { isQuick: true, start: 300, warmUp: 150, window: 300, calls: 10_000, events: 30_000, idle: 1_000 }
}

/** A pair is measured as it runs for hours: rates of ours grow for four seconds, those of others for one. */
const FULL = {
  rounds: 5, restart: true, starts: 5,
  pace: { isQuick: false, start: 5_000, warmUp: 500, window: 1_500, calls: 200_000, events: 200_000, idle: 5_000 }
}

/** So many that one that went wrong does not move the middle. */
const PAIRS = 9

const USAGE = `Usage: npm run bench -- [options]
  --quick           fewer and shorter rounds: under two minutes
  --only=a,b        these systems: ${Object.keys(SYSTEMS).join(', ')}
  --work=a,b        this work: calls, calls-128, result, events, first-call, idle, …
  --rounds=n        how often everything is measured
  --against=commit  compares this working tree with that commit, in alternating pairs: CPU per call and per event
  --pairs=n         how many pairs, 9 by default; with --only= one system of ours: ours, ours-app, ours-secret, …
  --help            prints this text
  --write           puts the results into bench/results and into the documents, as a complete run does automatically`

function list (words: string | undefined): string[] {
  return words === undefined ? [] : words.split(',').filter(word => word !== '')
}

/** A count that was given as text. */
function count (name: string, text: string | undefined, otherwise: number): number {
  const value = Number(text ?? otherwise)
  if (Number.isInteger(value) && value > 0) return value
  throw new Error(`--${name} takes a whole number above 0, not '${text}'`)
}

function systemsOf (names: readonly string[], isQuick: boolean): SystemName[] {
  const unknown = names.filter(name => !isSystemName(name))
  if (unknown.length > 0) throw new Error(`there is no system ${unknown.join(', ')}`)
  return names.length > 0 ? names.filter(isSystemName) : benchSystems(isQuick)
}

/** What the command line asks for; throws when it asks for what is not there. */
export function parseOptions (args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      work: { type: 'string' },
      rounds: { type: 'string' },
      against: { type: 'string' },
      pairs: { type: 'string' },
      write: { type: 'boolean', default: false }
    }
  })
  const { quick, only, work, against } = values
  if (against === undefined && values.pairs !== undefined) throw new Error('--pairs goes with --against')
  const { rounds, starts, ...pace } = quick ? QUICK : FULL
  return {
    systems: against === undefined ? systemsOf(list(only), quick) : oursOf(only),
    work: list(work),
    rounds: count('rounds', values.rounds, rounds),
    starts: count('rounds', values.rounds, starts),
    against,
    pairs: count('pairs', values.pairs, PAIRS),
    write: values.write || (!quick && [only, work, against].every(value => value === undefined)),
    ...pace
  }
}

/** The one system that is measured against itself: only ours is built from a commit. */
function oursOf (only = 'ours'): SystemName[] {
  const systems = systemsOf(list(only), true)
  if (systems.length === 1 && systems.every(name => name.startsWith('ours'))) return systems
  throw new Error('--against measures one system of ours')
}

/** The same for a program: asked for help or given wrong options, it prints its usage and ends. */
export function readOptions (args: readonly string[]): BenchOptions {
  if (args.includes('--help')) {
    console.log(USAGE)
    process.exit(0)
  }
  try {
    return parseOptions(args)
  } catch (error) {
    console.error(`${(error as Error).message}\n${USAGE}`)
    process.exit(1)
  }
}
