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

/** The table of the page, as the last run of the whole matrix found it. */
export function tableOf (rows: readonly Row[], where: string): string {
  const lines = rows.map(({ cell, result, versions }) =>
    `| ${cell.toolchain} | ${cell.settings} | ${result} | ${versions.join(', ')} |`)
  return [`Tried ${where}:`, '', '| toolchain | settings | result | versions |', '| --- | --- | --- | --- |', ...lines].join('\n')
}

/** The page with another table between its marks. */
export function filled (page: string, table: string): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)]
  if (begin < 0 || end < begin) throw new Error(`${PAGE} has no place for the table`)
  return `${page.slice(0, begin + BEGIN.length)}\n\n${table}\n\n${page.slice(end)}`
}

/** Toolchain, settings and result of each row that a page has. */
export function rowsOf (page: string): string[][] {
  const table = page.slice(page.indexOf(BEGIN), page.indexOf(END))
  return table.split('\n').filter(line => line.startsWith('| ')).slice(2)
    .map(line => line.split(' | ').slice(0, 3).map(text => text.replace(/^\| /, '')))
}
