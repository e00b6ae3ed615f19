import type { Contract } from '../contract/contract'
import { notDurableFault, type DurableSettings } from '../decorators/listener-options'
import { ConfigurationError } from '../errors'
import { LineLimit } from '../line-limit'
import type { NodeLog } from '../log'
import { messageOf, printable, printablePart, withoutCredentials } from '../printable'
import type { RemoteServiceEntry } from '../registry/remote-service-entry'
import type { Registry } from '../registry/registry'
import type { CallTracer } from '../telemetry/call-tracer'
import {
  NO_STORE, type DurableGroup, type DurableMember, type EventStore, type StoredEvent
} from '../transport/event-store'
import { heardOf, type Listener } from './listener'
import { isSame } from './path-listeners'

/** Characters of what a listener threw, in a warning. */
const MAX_REASON = 200

/** What durable listeners need of their node. */
export interface DurableListenersOptions {
  readonly registry: Registry
  readonly store: EventStore | undefined
  readonly log: NodeLog
  readonly tracer: CallTracer | undefined
  /** What a class of this node declares for a path. */
  readonly declared: (path: string) => Contract | undefined
}

/** A listener, and what it is a member of. */
interface Joined {
  readonly path: string
  readonly event: string
  readonly durable: string
  readonly listener: Listener
  readonly member: DurableMember
}

/** The listeners of this node that are members of durable groups. */
export class DurableListeners {
  private readonly joined: Joined[] = []
  private readonly limit = new LineLimit()

  constructor (private readonly options: DurableListenersOptions) {
    options.registry.on('service', entry => { if (this.joined.length > 0) this.check(entry) })
  }

  /**
   * Adds a listener to a durable group.
   *
   * @throws {@link ConfigurationError} where the transport keeps no events, and where the event is known not to be
   * durable
   */
  on (path: string, event: string, listener: Listener, settings: DurableSettings): void {
    const { store, registry, declared } = this.options
    const place = placeOf(path, event)
    if (store === undefined) throw new ConfigurationError([`${place} has a durable group, and ${NO_STORE}`])
    const faults = store.faults()
    if (faults.length > 0) throw new ConfigurationError(faults)
    const hosted = registry.service(path)?.hosts.map(({ contract }) => contract) ?? []
    const contracts = [registry.contract(path), declared(path), ...hosted]
    // One that is durable in some replicas is kept by those.
    const known = contracts.filter(contract => contract !== undefined && isCustom(event, contract))
    if (known.length > 0 && !known.some(contract => contract?.durableEvents?.includes(event))) {
      throw new ConfigurationError([notDurableFault(place, settings.durable)])
    }
    const { durable, ...rest } = settings
    const group: DurableGroup = { path, event, group: durable, ...rest }
    const member = store.join(group, async stored => await this.hear(group, stored, listener))
    this.joined.push({ path, event, durable, listener, member })
  }

  /** Removes a listener. @returns whether there was one */
  off (path: string, event: string, listener: Listener): boolean {
    const at = this.joined.findIndex(each =>
      each.path === path && each.event === event && isSame(each.listener, listener))
    if (at < 0) return false
    const [removed] = this.joined.splice(at, 1)
    void removed.member.leave()
    return true
  }

  private async hear (group: DurableGroup, stored: StoredEvent, listener: Listener): Promise<void> {
    const { tracer, log } = this.options
    const { message, sequence, time, delivery } = stored
    const { path, event } = group
    const [...heard] = heardOf(path, message)
    const context = Object.assign(Object(heard.pop()), { stored: { sequence, time, delivery } })
    const listen = (): unknown => listener(...heard, context)
    try {
      await (tracer === undefined ? listen() : tracer.heard(message, group.group, listen))
    } catch (error) {
      const next = delivery < group.maxDeliveries ? 'it is given again' : 'it is a dead letter now'
      const reason = printable(withoutCredentials(messageOf(error)), MAX_REASON)
      const text = `${placeOf(path, event)} in the durable group '${printablePart(group.group)}' threw ${reason} ` +
        `over event ${sequence}, which it was given ${delivery} times; ${next}`
      log.tell('FEATHERS_MESH_LISTENER', text, { path, event }, this.limit)
      throw error
    }
  }

  /** Warns of groups of events that a host does not keep: it may be of an older release of the program. */
  private check ({ path, hosts }: RemoteServiceEntry): void {
    for (const { event, durable } of this.joined.filter(each => each.path === path)) {
      if (hosts.some(({ contract }) => contract.durableEvents?.includes(event))) continue
      const text = `${notDurableFault(placeOf(path, event), durable)}, and the node that hosts it does not keep it`
      this.options.log.tell('FEATHERS_MESH_GROUPS', text, { path, event }, this.limit)
    }
  }
}

function placeOf (path: string, event: string): string {
  return `a listener of '${printablePart(event)}' of '${printablePart(path)}'`
}

/** Whether a contract decides whether the event is durable; a class says nothing of standard ones. */
function isCustom (event: string, { events }: Contract): boolean {
  return events.includes(event)
}
