/**
 * Prints what lib/ measures, as a whole and room by room, and what breaks a bound.
 *
 * Usage: npm run measures, or for another tree: npm run measures -- path/to/lib
 */
import { join } from 'node:path'
import { boundsOf, broken, perThousand, share, sizes } from './bounds'
import { violations } from './directions'
import { measure, percentile, SMALL_FILE_LINES, type Measures } from './measures'
import { readHouse, ROOT, roomOf } from './rooms'
import { readSources } from './sources'

const HEAD = [
  'room', 'files', 'code', 'file p50/p90/max', `<${SMALL_FILE_LINES} %`, 'fn p50/p90/p99/max', 'params', 'as/kLOC',
  'any', '!', 'no doc %', 'methods no doc %', 'cycles'
]

const distribution = (figures: readonly number[], shares: readonly number[]): string => {
  return shares.map(part => percentile(figures, part)).join('/')
}

function row (name: string, measures: Measures): string[] {
  const { files, codeLines, functions, parameters, casts, anys, nonNulls, undocumented, cycles } = measures
  const small = files.filter(({ size }) => size < SMALL_FILE_LINES).length
  const mean = parameters.reduce((sum, count) => sum + count, 0) / Math.max(1, parameters.length)
  return [
    name, `${files.length}`, `${codeLines}`, distribution(sizes(files), [0.5, 0.9, 1]),
    share(small, files.length).toFixed(0), distribution(sizes(functions), [0.5, 0.9, 0.99, 1]),
    `${mean.toFixed(2)}/${Math.max(0, ...parameters)}`,
    perThousand(casts.length, measures).toFixed(1), `${anys.length}`, `${nonNulls.length}`,
    share(undocumented.length, measures.exportCount).toFixed(1),
    share(measures.undocumentedMethods.length, measures.publicMethods).toFixed(0), `${cycles.length}`
  ]
}

function table (rows: readonly string[][]): string {
  const widths = HEAD.map((_, column) => Math.max(...rows.map(cells => (cells[column] ?? '').length)))
  return rows.map(cells => cells.map((cell, column) => {
    return column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)
  }).join('  ')).join('\n')
}

const indented = (lines: readonly string[]): string => lines.map(line => `  ${line}`).join('\n')

function main (): void {
  const house = readHouse()
  const sources = readSources(process.argv[2] ?? join(ROOT, 'lib'))
  const rows = house.rooms.flatMap(({ name }) => {
    const own = sources.filter(({ file }) => roomOf(file, house)?.name === name)
    return own.length === 0 ? [] : [row(name, measure(own, sources))]
  })
  const whole = measure(sources)
  console.log(table([HEAD, ...rows, row('lib', whole)]))
  for (const { title, figure, most, places } of broken(boundsOf(whole))) {
    console.log(`\n${title}: ${Number(figure.toFixed(2))}, at most ${most}\n${indented(places)}`)
  }
  const wrong = violations(sources, house)
  if (wrong.length > 0) console.log(`\nagainst rooms.json:\n${indented(wrong)}`)
}

main()
