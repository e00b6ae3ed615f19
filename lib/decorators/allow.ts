/** A node that calls, as far as the hosting node knows it. */
export interface Caller {
  /** The id that it goes by; undefined for one that does not say who it is, as old nodes. */
  readonly node?: string
  /** The key that it goes by; undefined for the same. */
  readonly key?: string
  /** Whether the key is proven, by a certificate; else it is what the caller says. */
  readonly proven: boolean
  /** Where its connection comes from. */
  readonly address: string
}

/**
 * Who may call, and is told events: nodes with one of these keys, or those that a function says `true` to. It is asked
 * for each call with the name of the method, and for each event and each node that listens with the name of the event.
 */
export type Allow = readonly string[] | ((caller: Caller, name: string) => boolean)

/** Whether something says who may call. */
export function isAllow (value: unknown): value is Allow {
  if (typeof value === 'function') return true
  return Array.isArray(value) && value.every(key => typeof key === 'string' && key !== '')
}
