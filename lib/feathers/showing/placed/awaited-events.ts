import type { Application } from '@feathersjs/feathers'
import { fieldsOf } from '../../../record'
import type { Listener } from '../../../remote/listener'
import type { RemoteEvents } from '../../../remote/remote-events'

/** Receives an event with its arguments, the context included. */
export type OnEvent = (event: string, args: readonly unknown[]) => void

/** Whether an app can send events to clients. */
export function hasChannels (app: Application): boolean {
  return 'channel' in app
}

/** Subscribes to the events of a service that nobody uses: the app may send them to clients, and then makes it. */
export class AwaitedEvents {
  /** @param path - the path of the service on this app */
  constructor (
    private readonly remoteEvents: RemoteEvents,
    private readonly path: string,
    private readonly events: readonly string[],
    private readonly onEvent: OnEvent
  ) {
    for (const event of events) remoteEvents.on(path, event, this.listener)
  }

  /** Unsubscribes. */
  stop (): void {
    for (const event of this.events) this.remoteEvents.off(this.path, event, this.listener)
  }

  /** One for all events: what comes last names the event. */
  private readonly listener: Listener = (...args) => {
    const { event } = fieldsOf(args.at(-1))
    if (typeof event === 'string') this.onEvent(event, args)
  }
}
