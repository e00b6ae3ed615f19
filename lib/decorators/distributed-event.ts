import type { DistributedEventOptions } from './metadata'
import { addMember, memberKind } from './metadata'
import { throwIfBare, throwIfStandard } from './decorator-use'

/**
 * A custom Feathers event of a service. The mesh sets it on the instance when it hosts the class: methods can use it;
 * the constructor can't.
 */
export interface ServiceEvent<T> {
  /**
   * Emits the event on the Feathers service: to local listeners, to the channels of every gateway and to all remotes
   * with listeners.
   */
  emit (payload: T): void
}

/** A custom event that is kept until each durable group has handled it: `@DistributedEvent({ durable: true })`. */
export interface DurableEvent<T> {
  /**
   * Emits the event as {@link ServiceEvent.emit} does, and keeps it for durable groups. Within a method that another
   * node called, the reply waits for that by itself.
   *
   * @returns resolves when the event is kept
   * @throws Unavailable with the code `MESH_EVENT_NOT_STORED`; the event may have been kept nevertheless
   */
  emit (payload: T): Promise<void>
}

/**
 * Declares a custom event; its payload type is that of the member.
 *
 * @example
 * ```ts
 * @DistributedEvent() readonly completed!: ServiceEvent<Todo>
 * ```
 */
export function DistributedEvent (options: DistributedEventOptions = {}, ...rest: never[]) {
  throwIfBare('DistributedEvent', '@DistributedEvent()', [options, ...rest])
  return (target: object, name: string | symbol, descriptor?: PropertyDescriptor): void => {
    throwIfStandard('DistributedEvent', [target, name])
    addMember(target, { name, decorator: 'DistributedEvent', kind: memberKind(target, descriptor), options })
  }
}
