/** Figures in documents come from bench/results, and nobody copies one by hand. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chaosTables, type ChaosRun } from '../chaos/chaos-tables'
import { RESULTS, ROOT } from '../peers'
import { roomsTable, type ProfileRun } from '../profile/rooms-table'
import { scaleTable, type ScaleRun } from '../scale/scale-table'
import { startsTable, type StartsRun } from '../scale/starts/starts-table'
import { valuesTable, type ValuesRun } from '../values/values-table'
import { LONE_WORK, PAIR_WORK } from '../work/work'
import { chart } from './chart'
import { figureTable } from './figure-table'
import { headlineTable } from './headline-table'
import type { RunFigures } from './results'
import { readRun, type Run } from './run-files'
import { targetTable } from './targets'

/** What a run of the bench leaves. */
export interface BenchRun {
  readonly rounds: number
  readonly figures: RunFigures
}

/** The pages that have blocks between `<!-- bench:name -->` and `<!-- /bench:name -->`. */
export const PAGES = ['README.md', 'docs/performance.md', 'docs/scale.md', 'docs/values.md']

const ROWS = [...PAIR_WORK, ...LONE_WORK].flatMap(({ rows }) => rows)

function caption ({ measured, machine }: Run, rest: string): string {
  return `${machine}, ${measured}; ${rest}`
}

/** What stands between the marks, by name; only of what was measured. */
export function blocks (folder = RESULTS): Map<string, string> {
  const found = new Map<string, string>()
  const bench = readRun<BenchRun>(folder, 'bench')
  if (bench !== undefined) {
    const { figures, rounds } = bench
    const told = caption(bench, `medians of ${rounds} rounds, ± half the range from lowest to highest.`)
    found.set('headlines', `${headlineTable(figures)}\n\n${caption(bench, `medians of ${rounds} rounds.`)}`)
    found.set('figures', `${figureTable(figures, ROWS)}\n\n${told}`)
    found.set('targets', targetTable(figures) ?? '')
  }
  const chaos = readRun<ChaosRun>(folder, 'chaos')
  if (chaos !== undefined) found.set('chaos', `${chaosTables(chaos)}\n\n${caption(chaos, 'new processes in each round.')}`)
  const scale = readRun<ScaleRun>(folder, 'scale')
  if (scale !== undefined) found.set('scale', `${scaleTable(scale)}\n\n${caption(scale, 'one process per node.')}`)
  const starts = readRun<StartsRun>(folder, 'starts')
  if (starts !== undefined) found.set('starts', `${startsTable(starts)}\n\n${caption(starts, 'medians of all rounds.')}`)
  const profile = readRun<ProfileRun>(folder, 'profile')
  if (profile !== undefined) found.set('profile', roomsTable(profile))
  const values = readRun<{ systems: ValuesRun }>(folder, 'values')
  if (values !== undefined) found.set('values', valuesTable(values.systems))
  return found
}

/** A page with its blocks as they have to be. */
export function filled (page: string, content: ReadonlyMap<string, string>): string {
  return page.replace(/(<!-- bench:([\w-]+) -->\n)[^]*?(<!-- \/bench:\2 -->)/g, (all, start: string, name: string, end: string) => {
    const block = content.get(name)
    return block === undefined ? all : `${start}\n${block}\n\n${end}`
  })
}

/** Writes the figures of bench/results into the pages, and draws the chart. */
export function fillDocuments (): void {
  const content = blocks()
  for (const page of PAGES.map(path => join(ROOT, path))) {
    writeFileSync(page, filled(readFileSync(page, 'utf8'), content))
  }
  const drawn = chart(readRun<BenchRun>(RESULTS, 'bench')?.figures ?? {})
  if (drawn !== undefined) writeFileSync(join(ROOT, 'docs/bench.svg'), drawn)
}
