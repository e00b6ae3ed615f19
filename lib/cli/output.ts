import { printable } from '../printable'

/** Where text goes. */
export type Write = (text: string) => void

/** Spaces between columns. */
const GAP = '  '

/** Prints for people, or JSON for programs. Text of other nodes holds no control characters. */
export class Output {
  /** @param isJson - whether programs read it */
  constructor (private readonly write: Write, readonly isJson: boolean) {}

  /** A line for people; nothing where programs read. */
  line (text = ''): void {
    if (!this.isJson) this.write(`${clean(text)}\n`)
  }

  /** A document for programs, in one line; for people over several lines. */
  json (value: unknown): void {
    const text = JSON.stringify(value, plain, this.isJson ? undefined : 2) ?? 'undefined'
    this.write(`${text.split('\n').map(clean).join('\n')}\n`)
  }

  /** Rows below a heading, in columns; nothing where programs read. */
  table (heading: readonly string[], rows: ReadonlyArray<readonly string[]>): void {
    for (const line of tableLines(heading, rows)) this.line(line)
  }
}

/** Rows below a heading, in columns, without control characters. */
export function tableLines (heading: readonly string[], rows: ReadonlyArray<readonly string[]>): string[] {
  const cells = [heading, ...rows].map(row => row.map(clean))
  const widths = heading.map((_, column) => Math.max(...cells.map(row => row[column]?.length ?? 0)))
  return cells.map(row => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(GAP).trimEnd())
}

function clean (text: string): string {
  return printable(text, Infinity)
}

/** What JSON has no form for: results of calls may hold it. */
function plain (_name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Map) return [...value]
  if (value instanceof Set) return [...value]
  return value
}
