import { OTHER } from '../../inspection/path-table'
import type { Attributes } from './otel-api'

/** The name of this package among systems for RPC and messaging. */
export const SYSTEM = 'feathers_mesh'

/** Kinds of spans, by the numbers of the library. */
export const SPAN_KIND = { server: 1, client: 2, producer: 3, consumer: 4 } as const

/** The status of a span that failed. */
export const FAILED = { code: 2 } as const

/** Where the conventions cut durations, in seconds. */
export const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]

/** The attribute of what failed. */
export const ERROR_TYPE = 'error.type'
/** The attribute of the outcome of a call. */
export const STATUS = 'rpc.status_code'
/** The attribute of the group of a listener. */
export const GROUP = 'messaging.consumer.group.name'
/** The attribute of the other node, by its id. */
export const PEER = 'feathers_mesh.peer.id'
/** The event of a span for an attempt after the first. */
export const RETRY = 'feathers_mesh.retry'
/** How many attempts there were. */
export const ATTEMPT = 'feathers_mesh.attempt'

/** The name and the attributes that all spans of one kind have; made once. */
export interface Named {
  readonly name: string
  readonly attributes: Attributes
}

/** A method, as spans of its calls name it: `todos/find`. */
export function methodNamed (path: string, method: string): Named {
  const name = path === OTHER ? OTHER : `${path}/${method}`
  return { name, attributes: { 'rpc.system.name': SYSTEM, 'rpc.method': name } }
}

/** An event, as spans name it that send it, or process it: `send todos created`. */
export function eventNamed (operation: 'send' | 'process', path: string, event: string): Named {
  // As clients of socket.io know it.
  const destination = path === OTHER ? OTHER : `${path} ${event}`
  return {
    name: `${operation} ${destination}`,
    attributes: {
      'messaging.system': SYSTEM,
      'messaging.operation.name': operation,
      'messaging.operation.type': operation,
      'messaging.destination.name': destination
    }
  }
}

/** The metrics of calls and events. */
export const METRICS = {
  clientDuration: 'rpc.client.call.duration',
  serverDuration: 'rpc.server.call.duration',
  sentMessages: 'messaging.client.sent.messages',
  consumedMessages: 'messaging.client.consumed.messages',
  processDuration: 'messaging.process.duration'
} as const

/** How a histogram of durations is made. */
export function durations (description: string): object {
  return { description, unit: 's', advice: { explicitBucketBoundaries: BUCKETS } }
}

/** How a counter of messages is made. */
export function messages (description: string): object {
  return { description, unit: '{message}' }
}
