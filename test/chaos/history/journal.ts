import { appendFileSync, readFileSync } from 'node:fs'

/** What the processes of a world write down, in the order in which it happened. Times are those of {@link now}. */
export type Entry =
  /** A replica begins a run of a call. */
  | { readonly kind: 'run', readonly id: string, readonly at: number }
  /** A replica has joined the mesh; its next event has this number. */
  | { readonly kind: 'joined', readonly by: string, readonly number: number, readonly at: number }
  /** A replica is about to emit its event of this number. */
  | { readonly kind: 'emitted', readonly by: string, readonly number: number }
  /** A replica has left the mesh: all that it emitted was sent, or was told as missing. */
  | { readonly kind: 'left', readonly by: string }
  /** A caller has listeners, and has joined the mesh: all that is emitted from now on it hears, or is told to miss. */
  | { readonly kind: 'listening', readonly at: number }
  | { readonly kind: 'called', readonly id: string, readonly at: number, readonly call: CalledMethod }
  | { readonly kind: 'answered', readonly id: string, readonly at: number }
  | { readonly kind: 'failed', readonly id: string, readonly at: number, readonly failure: Failure }
  | { readonly kind: 'heard', readonly by: string, readonly number: number }
  | { readonly kind: 'gap', readonly missed?: number, readonly reason: string }
  | { readonly kind: 'fault', readonly message: string }

/** What is called, and how many milliseconds it has. */
export interface CalledMethod {
  readonly method: Method
  readonly timeout: number
}

/** `write` may run once, `read` may run again. */
export type Method = 'write' | 'read'

/** An error of a call. */
export interface Failure {
  readonly name: string
  readonly message: string
  readonly outcome?: string
}

/** Milliseconds of a clock that all processes of the machine share and that nobody steps. */
export function now (): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/** The file of one process. Each entry is on the disk before the process goes on: it may be killed at any time. */
export class Journal {
  constructor (private readonly file: string) {}

  write (entry: Entry): void {
    appendFileSync(this.file, `${JSON.stringify(entry)}\n`)
  }
}

/** The entries of a file; a killed process may have left the last one unfinished. */
export function readJournal (file: string): Entry[] {
  return readFileSync(file, 'utf8').split('\n').flatMap(line => {
    try {
      return [JSON.parse(line) as Entry]
    } catch {
      return []
    }
  })
}
