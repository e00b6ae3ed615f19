import type { Write } from './output'

/** A terminal that somebody looks at. */
export interface Terminal {
  /** Its size now. */
  readonly size: () => { readonly columns: number, readonly rows: number }
  /** Tells each key. @returns ends it, and gives the terminal back as it was */
  readonly onKey: (listener: (key: string) => void) => () => void
}

/** Its second page, without a cursor, so that what was there before comes back. */
const ENTER = '\u001b[?1049h\u001b[?25l'
const LEAVE = '\u001b[?25h\u001b[?1049l'
const HOME = '\u001b[H'
const CLEAR_LINE = '\u001b[K'
const CLEAR_REST = '\u001b[J'

/** Shows pages in place of each other. */
export class Screen {
  constructor (private readonly terminal: Terminal, private readonly write: Write) {
    write(ENTER)
  }

  /** Shows lines, as far as they fit. They hold no control characters. */
  show (lines: readonly string[]): void {
    const { columns, rows } = this.terminal.size()
    const fitting = lines.length > rows ? [...lines.slice(0, rows - 1), `… ${lines.length - rows + 1} more lines`] : lines
    const text = fitting.map(line => `${line.slice(0, columns)}${CLEAR_LINE}`).join('\r\n')
    this.write(`${HOME}${text}${CLEAR_REST}`)
  }

  /** Gives the terminal back. */
  close (): void {
    this.write(LEAVE)
  }
}
