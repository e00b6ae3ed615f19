import { MAX_GROUPS_OF_EVENT } from '../../contract/contract-bounds'
import { fieldsOf, isRecord, listField, textField, type Fields } from '../../record'
import { GAP, type EventGap, type EventMessage } from '../transport'
import { encodeValue, type EncodedValue } from '../values/encode-value'
import { throwIfOversize } from './message-size'

/** Arguments that an event may have: each becomes one of a function call, and too many would end the process. */
const MAX_ARGS = 1_000

/** A hook context is information for listeners: what of it can't be sent, such as a transaction, is left out. */
const OPTIONS = { omitsUndefined: true, leavesOut: (path: string): boolean => path.startsWith('context.') }

/**
 * Encodes an event once for all peers that get it. The arguments of listeners are sent as they are, or not at all.
 *
 * @param maxBytes - the longest message that peers take
 * @throws {@link UnsendableValue} for arguments that can't be sent
 * @throws RangeError for an event that is too long, or has too many arguments
 */
export function encodeEvent (message: EventMessage, maxBytes = Infinity): EncodedValue {
  const { length } = message.args
  if (length > MAX_ARGS) throw new RangeError(`it has ${length} arguments, and an event has at most ${MAX_ARGS}`)
  const encoded = encodeValue(message, OPTIONS)
  throwIfOversize(encoded, maxBytes)
  return encoded
}

/**
 * Encodes an event for a node that is chosen for some groups.
 *
 * @param encoded - the event for others, which need not be encoded again
 * @param isForAll - whether listeners without a group hear it, too
 * @throws what {@link encodeEvent} throws
 */
export function encodeForGroups (
  message: EventMessage, encoded: EncodedValue, groups: readonly string[], isForAll: boolean
): EncodedValue {
  const beside = isForAll ? { groups, all: true } : { groups }
  if (!encoded.plain) return encodeEvent({ ...message, ...beside })
  // Both are objects with fields.
  return { ...encoded, text: `${encoded.text.slice(0, -1)},${JSON.stringify(beside).slice(1)}` }
}

/** The most bytes by which the groups of a chosen node make its event longer than that for others. */
export function bytesOfGroups (byNode: ReadonlyMap<string, readonly string[]>): number {
  let most = 0
  for (const groups of byNode.values()) most = Math.max(most, Buffer.byteLength(JSON.stringify({ groups, all: true })))
  return most
}

/**
 * Reads an event that a peer sent; undefined for anything else.
 *
 * @param value - the decoded message: anything
 * @param key - the key of the peer, which counts more than what the message says
 */
export function readEvent (value: unknown, key: string): EventMessage | undefined {
  const fields = fieldsOf(value)
  const path = textField(fields, 'path')
  const event = textField(fields, 'event')
  const { args, context } = fields
  if (path === undefined || event === undefined || !Array.isArray(args) || args.length > MAX_ARGS) return undefined
  if (event === GAP) return readGap(fields, path, key)
  if (fields.groups !== undefined) return readChosen(fields, { path, key, event, args })
  const message = isRecord(context) ? { path, key, event, args, context } : { path, key, event, args }
  return isRecord(fields.trace) ? { ...message, trace: fields.trace } : message
}

/** Reads an event that a peer chose this node for. */
function readChosen ({ groups, all, context, trace }: Fields, message: EventMessage): EventMessage | undefined {
  if (!Array.isArray(groups) || groups.length > MAX_GROUPS_OF_EVENT) return undefined
  return {
    ...message,
    ...isRecord(context) ? { context } : {},
    ...isRecord(trace) ? { trace } : {},
    groups: [...new Set(groups.filter(group => typeof group === 'string'))],
    ...all === true ? { all } : {}
  }
}

/** Keeps of a gap what one is made of. */
function readGap (fields: Fields, path: string, key: string): EventMessage {
  const { missed, reason } = fieldsOf(listField(fields, 'args')?.[0])
  const { count } = fields
  const gap = gapEvent(path, key, {
    ...isCount(missed) ? { missed } : {}, reason: reason === 'slow' ? 'slow' : 'disconnected'
  })
  return isCount(count) ? { ...gap, count } : gap
}

/** Whether a value can be a number of events. */
export function isCount (value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

/** The event that tells a listener of events that it missed. */
export function gapEvent (path: string, key: string, gap: EventGap): EventMessage {
  return { path, key, event: GAP, args: [gap] }
}
