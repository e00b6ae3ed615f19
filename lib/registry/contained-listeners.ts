import type { EventEmitter } from 'node:events'

type Listener = ReturnType<EventEmitter['rawListeners']>[number]

/**
 * The listeners of an emitter, each of which hears an event whatever the others make of it. The list of them is kept
 * until one is added or removed: a node that comes may have thousands of services, and each is an event.
 */
export class ContainedListeners<E extends string> {
  private readonly byEvent = new Map<string | symbol, readonly Listener[]>()

  /** @param onFailure - called with what a listener threw, and with the event and the name that it was told by */
  constructor (
    private readonly emitter: EventEmitter,
    private readonly onFailure: (error: unknown, event: E, name: string) => void
  ) {
    for (const change of ['newListener', 'removeListener']) {
      emitter.on(change, (event: string | symbol) => { this.byEvent.delete(event) })
    }
  }

  /** Tells all of them. */
  tell (event: E, name: string, subject: unknown): void {
    for (const listener of this.byEvent.get(event) ?? this.of(event)) {
      try {
        listener.call(this.emitter, subject)
      } catch (error) {
        this.onFailure(error, event, name)
      }
    }
  }

  private of (event: E): readonly Listener[] {
    const listeners = this.emitter.rawListeners(event)
    this.byEvent.set(event, listeners)
    return listeners
  }
}
