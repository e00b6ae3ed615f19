/** Figures in documents come from bench/results, and nobody copies one by hand. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chaosTables, type ChaosRun } from '../chaos/chaos-tables'
import { RESULTS, ROOT } from '../peers'
import { roomsTable, type ProfileRun } from '../profile/rooms-table'
import { scaleTable, type ScaleRun } from '../scale/scale-table'
import { valuesTable, type ValuesRun } from '../values/values-table'
import { LONE_WORK, PAIR_WORK } from '../work/work'
import { chart } from './chart'
import { figureTable } from './figure-table'
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

/** Those rows that README shows. */
const HEADLINES = [
  'calls-1 p50', 'calls-128 rate', 'calls-512 rate', 'calls-128 caller cpu', 'calls-128 host cpu',
  'result-1m rate', 'events-1 rate', 'first-call caller second', 'idle memory'
]

const SPEED = `## Speed

What a call costs beside the systems that people use for the same, and beside a bare socket that carries JSON and does
nothing else; \`npm run bench\` measures it all. [How, and all figures](docs/performance.md);
[what a large mesh costs](docs/scale.md).

![Calls, events and first calls of feathers-mesh and its peers](bench/results/bench.svg)`

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
    const told = caption(bench, `medians of ${rounds} rounds, ± half the way from the least to the greatest.`)
    const headlines = ROWS.filter(({ figure }) => HEADLINES.includes(figure))
    found.set('headlines', `${SPEED}\n\n${figureTable(figures, headlines)}\n\n${told}`)
    found.set('figures', `${figureTable(figures, ROWS)}\n\n${told}`)
    found.set('targets', targetTable(figures) ?? '')
  }
  const chaos = readRun<ChaosRun>(folder, 'chaos')
  if (chaos !== undefined) found.set('chaos', `${chaosTables(chaos)}\n\n${caption(chaos, 'processes are new in each round.')}`)
  const scale = readRun<ScaleRun>(folder, 'scale')
  if (scale !== undefined) found.set('scale', `${scaleTable(scale)}\n\n${caption(scale, 'a process for each node.')}`)
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
  if (drawn !== undefined) writeFileSync(join(RESULTS, 'bench.svg'), drawn)
}
