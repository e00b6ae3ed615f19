import type { Cell } from './cell'

export const PAGE = 'docs/toolchains.md'
const BEGIN = '<!-- toolchains -->'
const END = '<!-- /toolchains -->'

/** What the table says of a cell. */
export interface Row {
  readonly cell: Cell
  readonly result: string
  readonly versions: readonly string[]
}

const HEAD = ['| toolchain | settings | result | versions |', '| --- | --- | --- | --- |']

/** The page with rows that were tried now; a row that was not stays as it is, and one that is tried no more goes. */
export function filled (page: string, rows: readonly Row[], cells: readonly Cell[]): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)]
  if (begin < 0 || end < begin) throw new Error(`${PAGE} has no place for the table`)
  const lines = new Map(linesOf(page).map(line => [keyOf(line), line]))
  for (const { cell, result, versions } of rows) {
    const line = `| ${cell.toolchain} | ${cell.settings} | ${result} | ${versions.join(', ')} |`
    lines.set(keyOf(line), line)
  }
  const wanted = cells.flatMap(({ toolchain, settings }) => lines.get(`${toolchain} | ${settings}`) ?? [])
  const table = [...HEAD, ...wanted].join('\n')
  return `${page.slice(0, begin + BEGIN.length)}\n\n${table}\n\n${page.slice(end)}`
}

function linesOf (page: string): string[] {
  const table = page.slice(page.indexOf(BEGIN), page.indexOf(END))
  return table.split('\n').filter(line => line.startsWith('| ')).slice(HEAD.length)
}

function partsOf (line: string): string[] {
  return line.slice(2).split(' | ')
}

function keyOf (line: string): string {
  return partsOf(line).slice(0, 2).join(' | ')
}

/** Toolchain, settings and result of each row that a page has. */
export function rowsOf (page: string): string[][] {
  return linesOf(page).map(line => partsOf(line).slice(0, 3))
}
