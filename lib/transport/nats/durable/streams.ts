import type { DurableGroup } from '../../event-store'
import { isNotFound, nanos, type JsConfig, type JsManager } from './jetstream'

const DAY_MS = 24 * 3_600_000
const DEFAULTS = { maxAge: 7 * DAY_MS, letterAge: 30 * DAY_MS, duplicateWindow: 120_000, replicas: 1 }
/** Events of one group that its members handle at a time, all together. */
const MAX_UNDER_WAY = 5_000

/** Limits of a stream that are given; the others have defaults when it is made, and stay as they are later. */
export interface StreamLimits {
  readonly maxAge?: number
  readonly maxBytes?: number
  readonly replicas?: number
  readonly duplicateWindow?: number
}

/** A stream of the server. */
export interface StreamPlace {
  readonly name: string
  /** All that goes into it. */
  readonly subject: string
}

/** What a node makes a stream with; one of another kind may lose events. */
const KIND = { retention: 'limits', storage: 'file' } as const

/**
 * Makes a stream, or gives one that is there the limits that are given.
 *
 * @returns what people should know of one that was there: a sentence each
 */
export async function ensureStream (
  manager: JsManager, { name, subject }: StreamPlace, limits: StreamLimits, defaultAge = DEFAULTS.maxAge
): Promise<readonly string[]> {
  const found = await unlessMissing(async () => await manager.streams.info(name))
  if (found !== undefined) {
    const given = { ...shorterWindow(found.config, limits), ...configOf(limits) }
    const changes = changesOf(name, found.config, given)
    if (changes.length > 0) await manager.streams.update(name, { ...found.config, ...given })
    return [...faultsOf(name, found.config, { subjects: [subject], ...KIND }), ...changes]
  }
  const age = limits.maxAge ?? defaultAge
  const duplicateWindow = limits.duplicateWindow ?? Math.min(DEFAULTS.duplicateWindow, age)
  const { replicas = DEFAULTS.replicas } = limits
  const all = configOf({ ...limits, replicas, duplicateWindow, maxAge: age })
  await manager.streams.add({ name, subjects: [subject], discard: 'old', ...KIND, ...all })
  return []
}

/** The age of dead letters, where none is given. */
export const LETTER_AGE_MS = DEFAULTS.letterAge

/** Where the events of a group come from. */
export interface ConsumerPlace {
  readonly stream: string
  readonly name: string
  readonly filter: string
  /** What it is, for who lists all of them. */
  readonly description: string | undefined
}

/** Whether a consumer is there. */
export async function hasConsumer (manager: JsManager, { stream, name }: ConsumerPlace): Promise<boolean> {
  return await unlessMissing(async () => await manager.consumers.info(stream, name)) !== undefined
}

/**
 * Makes the consumer of a group, or gives one that is there the settings of this member.
 *
 * @param beginsAtStart - whether a new one gets all events that are kept, whatever the group says
 */
export async function ensureConsumer (
  manager: JsManager, { stream, name, filter, description }: ConsumerPlace, group: DurableGroup, beginsAtStart: boolean
): Promise<void> {
  const settings = { ack_wait: nanos(group.ackTimeout), max_ack_pending: group.ordered ? 1 : MAX_UNDER_WAY }
  const found = await unlessMissing(async () => await manager.consumers.info(stream, name))
  if (found !== undefined) {
    if (differences(found.config, settings).length === 0) return
    await manager.consumers.update(stream, name, { ...found.config, ...settings })
    return
  }
  await manager.consumers.add(stream, {
    durable_name: name,
    ...description === undefined ? {} : { description },
    filter_subject: filter,
    ack_policy: 'explicit',
    replay_policy: 'instant',
    // A node counts: it makes a dead letter of what the server would only forget.
    max_deliver: -1,
    ...settings,
    ...startOf(beginsAtStart ? 'start' : group.from)
  })
}

function startOf (from: DurableGroup['from']): JsConfig {
  if (from === undefined) return { deliver_policy: 'new' }
  if (from === 'start') return { deliver_policy: 'all' }
  if (typeof from === 'number') return { deliver_policy: 'by_start_sequence', opt_start_seq: from }
  return { deliver_policy: 'by_start_time', opt_start_time: from.toISOString() }
}

function configOf ({ maxAge, maxBytes, replicas, duplicateWindow }: StreamLimits): JsConfig {
  return {
    ...maxAge === undefined ? {} : { max_age: nanos(maxAge) },
    ...maxBytes === undefined ? {} : { max_bytes: maxBytes },
    ...replicas === undefined ? {} : { num_replicas: replicas },
    ...duplicateWindow === undefined ? {} : { duplicate_window: nanos(duplicateWindow) }
  }
}

/** The server refuses an age that is shorter than the time for which it knows an event. */
function shorterWindow ({ duplicate_window: current }: JsConfig, { maxAge }: StreamLimits): JsConfig {
  if (maxAge === undefined || typeof current !== 'number' || current <= nanos(maxAge)) return {}
  return { duplicate_window: nanos(maxAge) }
}

/** Nodes with other options change the limits of all: a shorter one drops events, so nobody does so in silence. */
function changesOf (stream: string, config: JsConfig, given: JsConfig): string[] {
  return differences(config, given).map(([name, value]) =>
    `the stream ${stream} has ${name} ${shown(name, value)} now, as the options of this node say, and had ` +
      shown(name, config[name]))
}

/** What keeps a stream from being what a node makes. Nobody but its maker knows whether what it has may go. */
function faultsOf (stream: string, config: JsConfig, made: JsConfig): string[] {
  return differences(config, made).map(([name, value]) =>
    `the stream ${stream} has ${name} ${String(config[name])} in place of ${String(value)}, as somebody else made it: ` +
      'delete it, and a node makes it anew')
}

/** A setting of a stream; the server counts time in nanoseconds. */
function shown (name: string, value: unknown): string {
  const isTime = name === 'max_age' || name === 'duplicate_window'
  return isTime ? `${Number(value) / nanos(1)} ms` : String(value)
}

/** The wanted settings that a configuration does not have. Subjects are lists, which are compared as texts. */
function differences (config: JsConfig, wanted: JsConfig): Array<[name: string, value: unknown]> {
  return Object.entries(wanted).filter(([name, value]) => String(config[name]) !== String(value))
}

async function unlessMissing<T> (ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask()
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}
