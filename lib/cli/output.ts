import { printable } from '../printable'
import { shownJson } from './shown-json'

/** Where text goes. */
export type Write = (text: string) => void

/** Spaces between columns. */
const GAP = '  '
/** Characters that a column is filled up to: one long cell of a peer would make each line as long. */
const MAX_COLUMN = 200

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
    const text = shownJson(value, !this.isJson)
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
  const widths = heading.map((_, column) => cells.reduce((width, row) => Math.max(width, row[column]?.length ?? 0), 0))
  return cells.map(row => row.map((cell, n) => cell.padEnd(Math.min(widths[n] ?? 0, MAX_COLUMN))).join(GAP).trimEnd())
}

function clean (text: string): string {
  return printable(text, Infinity)
}
