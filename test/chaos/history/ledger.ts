import type { ServiceEvent } from 'feathers-mesh'

/** What a call of the ledger sends. */
export interface Work {
  readonly id: string
  /** Milliseconds that it takes. */
  readonly work: number
}

/** What an event of the ledger carries: who emitted it, and which of its events it is. */
export interface Note {
  readonly by: string
  readonly number: number
}

/** The service as its callers know it. */
export interface Ledger {
  readonly noted: ServiceEvent<Note>
  /** Must not run twice. */
  write (work: Work): Promise<string>
  /** May run again. */
  read (work: Work): Promise<string>
}
