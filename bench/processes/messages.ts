/** What the bench asks a process, and what it answers. */
export interface Command {
  readonly id: number
  readonly name: string
  readonly argument: unknown
}

export type Answer =
  | { readonly id: number, readonly value: unknown }
  | { readonly id: number, readonly error: string }
  | { readonly id: 'ready' }
