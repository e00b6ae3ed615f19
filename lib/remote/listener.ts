/** Receives the arguments of an event and, last, its context. */
export type Listener = (...args: unknown[]) => void
