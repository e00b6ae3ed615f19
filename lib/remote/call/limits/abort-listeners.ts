/** A call that a signal ends. */
export interface AbortListener {
  /** A signal that it was added for was aborted. */
  onAbort (): void
}

const NO_SIGNALS: readonly AbortSignal[] = []

/** The signals that end a call: its own, and that of the call on whose behalf it is made. */
export function signalsOf (own: AbortSignal | undefined, outer: AbortSignal | undefined): readonly AbortSignal[] {
  return own === undefined && outer === undefined ? NO_SIGNALS : [own, outer].filter(signal => signal !== undefined)
}

/**
 * The calls that each signal ends. A signal has one listener, however many calls share it: Node takes more than ten for
 * a leak and warns of them.
 */
export class AbortListeners {
  private readonly bySignal = new WeakMap<AbortSignal, SharedListener>()

  /** Ends a call when a signal is aborted. */
  add (signal: AbortSignal, call: AbortListener): void {
    let listener = this.bySignal.get(signal)
    if (listener === undefined) {
      listener = new SharedListener()
      this.bySignal.set(signal, listener)
      signal.addEventListener('abort', listener.onAbort, { once: true })
    }
    listener.all.add(call)
  }

  /** The call ended: its signal no longer concerns it. */
  delete (signal: AbortSignal, call: AbortListener): void {
    const listener = this.bySignal.get(signal)
    if (listener?.all.delete(call) !== true || listener.all.size > 0) return
    this.bySignal.delete(signal)
    signal.removeEventListener('abort', listener.onAbort)
  }
}

class SharedListener {
  readonly all = new Set<AbortListener>()

  readonly onAbort = (): void => {
    for (const call of [...this.all]) call.onAbort()
  }
}
