/** The messages between a test and the programs that it starts, over Node's IPC channel. */

/** A test asks a program to do something. */
export interface Command {
  readonly id: number
  readonly name: string
  readonly argument: unknown
}

/** An error as far as a test looks at it. */
export interface PlainError {
  readonly name: string
  readonly message: string
  readonly code?: unknown
  readonly className?: string
  readonly data?: unknown
  readonly errors?: unknown
}

/** The result of a call that may fail. */
export type Outcome = { readonly value: unknown } | { readonly error: PlainError }

/** A program answers a command or reports what happened. */
export type ToTest =
  | { readonly id: number, readonly outcome: Outcome }
  | { readonly event: string, readonly value: unknown }
