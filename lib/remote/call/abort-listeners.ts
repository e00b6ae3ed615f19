/** Wants to hear of a signal. */
export interface AbortListener {
  onAbort (): void
}

const NO_SIGNALS: readonly AbortSignal[] = []

/** The signals that end a call: its own, and that of the call on whose behalf it is made. */
export function signalsOf (own: AbortSignal | undefined, outer: AbortSignal | undefined): readonly AbortSignal[] {
  return own === undefined && outer === undefined ? NO_SIGNALS : [own, outer].filter(signal => signal !== undefined)
}

/**
 * Who wants to hear of which signal. Each signal has one listener, however many calls share it:
 * Node takes more than ten for a leak and warns of them.
 */
export class AbortListeners {
  private readonly bySignal = new WeakMap<AbortSignal, SharedListener>()

  add (signal: AbortSignal, caller: AbortListener): void {
    let listener = this.bySignal.get(signal)
    if (listener === undefined) {
      listener = new SharedListener()
      this.bySignal.set(signal, listener)
      signal.addEventListener('abort', listener.hear, { once: true })
    }
    listener.all.add(caller)
  }

  delete (signal: AbortSignal, caller: AbortListener): void {
    const listener = this.bySignal.get(signal)
    if (listener?.all.delete(caller) !== true || listener.all.size > 0) return
    this.bySignal.delete(signal)
    signal.removeEventListener('abort', listener.hear)
  }
}

class SharedListener {
  readonly all = new Set<AbortListener>()

  readonly hear = (): void => {
    for (const caller of [...this.all]) caller.onAbort()
  }
}
