import { getServiceOptions, type Application, type FeathersService } from '@feathersjs/feathers'
import type { Listener, RemoteEvents } from '../../remote/remote-events'
import { GAP } from '../../transport/transport'
import { toHookContext, type PlainContext } from '../hooks/hook-context'

/** Gives the events of other nodes to a service on this app; each is listened to once somebody listens here. */
export class EventRelay {
  private readonly relayed = new Map<string, Listener>()

  constructor (
    private readonly app: Application,
    private readonly service: FeathersService,
    /** The path of the service here. */
    private readonly path: string,
    private readonly remoteEvents: RemoteEvents
  ) {
    service.on('newListener', this.relay)
  }

  /** Looks who listens already, when there are more events than before. */
  update (): void {
    for (const event of this.service.eventNames()) if (typeof event === 'string') this.relay(event)
  }

  end (): void {
    this.service.off('newListener', this.relay)
    this.relayed.forEach((listener, event) => this.remoteEvents.off(this.path, event, listener))
    this.relayed.clear()
  }

  private readonly relay = (event: string): void => {
    const { serviceEvents = [] } = getServiceOptions(this.service)
    if (this.relayed.has(event) || !(event === GAP || serviceEvents.includes(event))) return
    const listener: Listener = (...args) => {
      const context = args.pop() as PlainContext
      this.service.emit(event, ...args, toHookContext(this.app, this.service, args[0], context))
    }
    this.relayed.set(event, listener)
    this.remoteEvents.on(this.path, event, listener)
  }
}
