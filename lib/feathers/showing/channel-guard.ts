import type { Application } from '@feathersjs/feathers'
import type { LimitedLog } from '../../log'
import { messageOf } from '../../printable'
import { fieldsOf, textField } from '../../record'
import { throwIfEndlessOfPeers } from '../../transport/values/json-text'

/**
 * Keeps events from clients that stand for endless JSON, as services of the app may emit what other nodes sent.
 * Feathers gives all events for clients to its transports at one place, as the event `publish` of the app.
 *
 * @param failures - where lines go that say which events clients miss
 */
export function guardChannels (app: Application, { log, limit }: LimitedLog): void {
  const { emit } = app
  const warn = (event: string, context: unknown, reason: unknown): void => {
    const path = textField(fieldsOf(context), 'path') ?? ''
    const text = `an event '${event}' of '${path}' can't be sent to clients, and is dropped: ${messageOf(reason)}`
    log.tell('FEATHERS_MESH_EVENT_DROPPED', text, { path, event }, limit)
  }
  const guarded: typeof emit = function (this: Application, name, ...args: unknown[]) {
    if (name === 'publish') {
      const [event, channel, context] = args
      try {
        const { dispatch, result } = fieldsOf(context)
        throwIfEndlessOfPeers([dispatch, result, ...dataOf(channel)])
      } catch (reason) {
        warn(String(event), context, reason)
        return false
      }
    }
    return emit.call(this, name, ...args)
  }
  app.emit = guarded
}

/** What channels send in place of the payload. */
function dataOf (channel: unknown): readonly unknown[] {
  const { data, children } = fieldsOf(channel)
  return [data, ...Array.isArray(children) ? children.map(child => fieldsOf(child).data) : []]
}
