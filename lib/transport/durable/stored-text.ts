import { fieldsOf, isRecord, numberField, textField } from '../../record'
import type { DeadLetter, OpenedLetter } from '../event-store'
import { encodeEvent, readEvent } from '../messages/event'
import { MalformedMessage, type EventMessage } from '../transport'
import { decodeValue } from '../values/decode-value'
import { encodeValue, type EncodedValue } from '../values/encode-value'

/** The first letter of a text: whether it is JSON, or a table of values. */
const PLAIN = 'P'
const TABLE = 'T'

/** What is kept of a dead letter beside its event. */
export type LetterFacts = Omit<DeadLetter, 'id' | 'time'>

/**
 * An event as text.
 *
 * @throws what `encodeEvent` throws for an event that can't be sent
 */
export function storedText (message: EventMessage): string {
  return textOf(encodeEvent(message))
}

/**
 * Reads an event that was kept: anybody may have written the text.
 *
 * @throws {@link MalformedMessage}
 */
export function readStored (text: string): EventMessage {
  const value = valueOf(text)
  const message = readEvent(value, textField(fieldsOf(value), 'key') ?? '')
  if (message === undefined) throw new MalformedMessage('a kept event without its fields')
  return message
}

/** A dead letter as text: its facts, and in the next line its event as that was kept. */
export function letterText (facts: LetterFacts, message: EventMessage): string {
  return `${textOf(encodeValue(facts))}\n${storedText(message)}`
}

/**
 * Reads a dead letter.
 *
 * @throws {@link MalformedMessage}
 */
export function readLetter (text: string, beside: Pick<DeadLetter, 'id' | 'time'>): OpenedLetter {
  const end = text.indexOf('\n')
  const value = valueOf(end < 0 ? text : text.slice(0, end))
  const fields = isRecord(value) ? value : {}
  const texts = ['path', 'event', 'group', 'reason'].map(name => textField(fields, name))
  const [path, event, group, reason] = texts
  // Earlier releases kept the event within the facts.
  const kept = end < 0 ? textField(fields, 'text') : text.slice(end + 1)
  const [deliveries, sequence] = [numberField(fields, 'deliveries'), numberField(fields, 'sequence')]
  const isWhole = path !== undefined && event !== undefined && group !== undefined && reason !== undefined
  if (!isWhole || kept === undefined || deliveries === undefined || sequence === undefined) {
    throw new MalformedMessage('a dead letter without its fields')
  }
  return { ...beside, path, event, group, reason, deliveries, sequence, message: readStored(kept) }
}

/** A dead letter without its event. */
export function withoutMessage ({ message: _message, ...letter }: OpenedLetter): DeadLetter {
  return letter
}

function textOf ({ plain, text }: EncodedValue): string {
  return `${plain ? PLAIN : TABLE}${text}`
}

function valueOf (text: string): unknown {
  const [kind] = text
  if (kind !== PLAIN && kind !== TABLE) throw new MalformedMessage('a kept text of an unknown kind')
  return decodeValue({ plain: kind === PLAIN, text: text.slice(1) }).value
}
