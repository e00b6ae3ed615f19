import { messageOf } from '../../../printable'
import { fieldsOf, propertiesOf } from '../../../record'

/** What is used of a message of a consumer. */
export interface JsMessage {
  readonly seq: number
  readonly data: Uint8Array
  readonly time: Date
  readonly info: { readonly deliveryCount: number }
  /** The subject on which the server hears what becomes of this delivery. */
  readonly reply: string
}

/** What the server can be told of a delivery, in the words of its protocol. */
export const ACK = {
  handled: '+ACK',
  /** It is still being handled. */
  working: '+WPI',
  never: '+TERM',
  again: (pauseMs?: number): string => pauseMs === undefined ? '-NAK' : `-NAK {"delay": ${nanos(pauseMs)}}`
} as const

/** Messages of one fetch. */
export interface JsMessages extends AsyncIterable<JsMessage> {
  close: () => Promise<unknown>
}

/** What is used of a consumer. */
export interface JsConsumer {
  fetch: (options: { readonly max_messages: number, readonly expires: number }) => Promise<JsMessages>
}

/** What is used of the client. */
export interface JsClient {
  readonly consumers: { get: (stream: string, name: string) => Promise<JsConsumer> }
  publish: (
    subject: string, data: Uint8Array, options: { readonly msgID: string, readonly timeout: number }
  ) => Promise<unknown>
}

/** A message as a stream keeps it. */
export interface JsStored {
  readonly seq: number
  readonly data: Uint8Array
  readonly time: Date
}

/** Settings of a stream or a consumer, in the words of the server. */
export type JsConfig = Readonly<Record<string, unknown>>

/** What the server tells of a consumer. */
export interface JsConsumerInfo {
  readonly config: JsConfig
  readonly num_pending: number
  readonly num_ack_pending: number
}

/** What is used of the manager. */
export interface JsManager {
  readonly streams: {
    info: (stream: string) => Promise<{ readonly config: JsConfig }>
    add: (config: JsConfig) => Promise<unknown>
    update: (stream: string, config: JsConfig) => Promise<unknown>
    getMessage: (stream: string, query: JsConfig) => Promise<JsStored | null>
    deleteMessage: (stream: string, sequence: number) => Promise<boolean>
  }
  readonly consumers: {
    info: (stream: string, name: string) => Promise<{ readonly config: JsConfig }>
    list: (stream: string) => AsyncIterable<JsConsumerInfo>
    add: (stream: string, config: JsConfig) => Promise<unknown>
    update: (stream: string, name: string, config: JsConfig) => Promise<unknown>
  }
}

/** What is used of a connection of the client. */
export interface JsConnection {
  publish: (subject: string, data: Uint8Array) => void
}

/** The API of the server by one connection. */
export interface JsApi {
  readonly client: JsClient
  readonly manager: JsManager
  /** Sends a word to a subject. @throws where the connection is lost */
  readonly say: (subject: string, word: string) => void
}

/** The parts of `@nats-io/jetstream` that are used. Its own types would be needed by users who don't have it. */
export interface JetStreamPackage {
  readonly jetstream: (connection: object) => JsClient
  readonly jetstreamManager: (connection: object, options: { readonly checkAPI: boolean }) => Promise<JsManager>
}

/** The package, or why it can't be used. */
export type LoadedJetStream =
  { readonly jetStream: JetStreamPackage, readonly fault?: undefined } |
  { readonly jetStream?: undefined, readonly fault: string }

const INSTALL = 'npm install @nats-io/jetstream'

/** Loads the package; it is required within a try, so that no bundler demands it. */
export function loadJetStream (): LoadedJetStream {
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const loaded: unknown = require('@nats-io/jetstream')
    const given = propertiesOf(Object(loaded))
    if (['jetstream', 'jetstreamManager'].some(name => typeof given[name] !== 'function')) {
      return { fault: `durable events over NATS need @nats-io/jetstream 3.4 or later, and find something else: ${INSTALL}` }
    }
    // Each function was looked at, and the package says what they take.
    return { jetStream: loaded as JetStreamPackage }
  } catch (error) {
    const [reason] = messageOf(error).split('\n')
    return { fault: `durable events over NATS need @nats-io/jetstream, which can't be loaded (${reason}): ${INSTALL}` }
  }
}

/** Nanoseconds, as the server counts time. */
export function nanos (ms: number): number {
  return ms * 1_000_000
}

const NOT_FOUND_STATUS = 404
const FIRST_OF_SERVER = 500

/** Whether the server says that there is no such stream, consumer or message. */
export function isNotFound (error: unknown): boolean {
  return statusOf(error) === NOT_FOUND_STATUS
}

/** Whether the server refuses for good: what it can't do now (5xx) it may do soon. */
export function isRefusal (error: unknown): boolean {
  const status = statusOf(error)
  return isForbidden(error) || (status !== undefined && status < FIRST_OF_SERVER)
}

/** What helps where a server keeps no events, or does not do so for this node. */
export function remedyFor (error: unknown): string {
  if (isForbidden(error)) return 'give its user the permissions that docs/durable-events.md names'
  return 'start it with JetStream (nats-server -js), and let this node use it'
}

/** Whether the permissions of this node's user don't allow it. The client wraps what the server says of a request. */
function isForbidden (error: unknown): boolean {
  return [error, fieldsOf(error).cause].some(each => fieldsOf(each).name === 'PermissionViolationError')
}

/** Whether nobody answered for JetStream: the server has none, or a cluster is about to choose who does. */
export function lacksJetStream (error: unknown): boolean {
  return fieldsOf(error).name === 'JetStreamNotEnabled'
}

function statusOf (error: unknown): number | undefined {
  const { name, status } = fieldsOf(error)
  return typeof name === 'string' && typeof status === 'number' ? status : undefined
}
