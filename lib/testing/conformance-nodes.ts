import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { meshNow } from '../clock'
import type { Contract } from '../contract/contract'
import { fieldsOf, numberField } from '../record'
import { GAP, TransportError, type EventMessage, type Transport } from '../transport/transport'
import { MissingHook, type ConformanceHooks, type HookName } from './conformance-hooks'
import { ConformanceNode, type Outcome, type Sent } from './conformance-node'

/** Makes a transport for one more node of one mesh; the mesh has no other nodes. */
export type MakeTransport = () => Transport

/** How long a test waits for a condition. */
const WAIT_LIMIT_MS = 10_000
const POLL_MS = 5

/** Milliseconds that a node has to leave. */
export const DRAIN_MS = 5_000

/** Waits for a condition, but not for ever. */
export async function until<T> (what: string, ask: () => T | Promise<T>): Promise<NonNullable<T>> {
  const end = meshNow() + WAIT_LIMIT_MS
  for (;;) {
    const answer = await ask()
    if (answer) return answer
    if (meshNow() > end) assert.fail(`not within ${WAIT_LIMIT_MS} ms: ${what}`)
    await delay(POLL_MS)
  }
}

/** The service that hosts of these tests offer. */
export const TODOS: Contract = {
  path: 'todos',
  methods: [{ name: 'find', idempotent: true }, { name: 'create', idempotent: false }],
  events: ['created']
}

/** An event with a number, to recognize it by. */
export const created = (n: number, path = 'todos'): EventMessage =>
  ({ path, key: 'default', event: 'created', args: [n] })

/** The nodes of one test; all are stopped after it. */
export class Nodes {
  private readonly nodes: ConformanceNode[] = []

  /** @param hooks - what the author of the transport can do to it */
  constructor (private readonly makeTransport: MakeTransport, private readonly hooks: Partial<ConformanceHooks> = {}) {}

  /** A node that has not started yet. */
  make (id: string, offered: readonly Contract[] = []): ConformanceNode {
    const node = new ConformanceNode(id, this.makeTransport())
    node.offered = offered
    this.nodes.push(node)
    return node
  }

  /**
   * A node that takes part in the mesh; others may not know it yet.
   *
   * @param ahead - how far its clock is ahead of that of the process
   */
  async start (id: string, offered?: readonly Contract[], ahead = 0): Promise<ConformanceNode> {
    const node = this.make(id, offered)
    node.ahead = ahead
    await node.transport.start(node)
    return node
  }

  /** A host of the todos that answers nothing unless it is given an `answer`, and a consumer that knows it. */
  async pair (): Promise<readonly [host: ConformanceNode, consumer: ConformanceNode]> {
    const host = await this.start('host', [TODOS])
    return [host, await this.consumer(host)]
  }

  /** One more node that knows a host. */
  async consumer (host: ConformanceNode, id = 'consumer'): Promise<ConformanceNode> {
    const consumer = await this.start(id)
    await until(`${id} to know ${host.id}`, () => consumer.peers.has(host.id))
    return consumer
  }

  /** @throws {@link MissingHook} when the author of the transport did not give it */
  hook<H extends HookName> (name: H): ConformanceHooks[H] {
    const hook = this.hooks[name]
    if (hook === undefined) throw new MissingHook(name)
    return hook
  }

  /** Stops all nodes. */
  async stop (): Promise<void> {
    await Promise.all(this.nodes.map(async ({ transport }) => await transport.stop(0)))
  }
}

/** Resolves with the outcome of a request. */
export async function outcome ({ told }: Sent): Promise<Outcome> {
  return await until('an outcome', () => told[0])
}

/** Resolves with the error of a request that the transport fails. */
export async function failure (sent: Sent): Promise<TransportError> {
  const { error } = await outcome(sent)
  assert.ok(error instanceof TransportError, `the transport should fail it; its outcome is ${String(error)}`)
  return error
}

/** Sends a request and resolves with the value that comes back. */
export async function valueOf (sent: Sent): Promise<unknown> {
  const { error, value } = await outcome(sent)
  assert.equal(error, null)
  return value
}

/** Makes a host answer each request with the data that came. */
export function echo (host: ConformanceNode): void {
  host.answer = call => call.reply(null, call.request.data)
}

/** Subscribes a node to a path and resolves when the host sends it events. */
export async function subscribed (host: ConformanceNode, listener: ConformanceNode, path = 'todos'): Promise<void> {
  listener.transport.subscribe(path)
  await receives(host, listener, path)
}

/** Makes a node do what nodes do whose only host of a path has left: events of that host may still come. */
export function unsubscribesWhenLeft (listener: ConformanceNode): void {
  const left = listener.left.bind(listener)
  listener.left = (id, reason) => {
    left(id, reason)
    for (const path of ['todos', 'users']) listener.transport.unsubscribe(path)
  }
}

/** Resolves when a listener gets the events that a host publishes now. */
export async function receives (host: ConformanceNode, listener: ConformanceNode, path = 'todos'): Promise<void> {
  const before = listener.events.length
  await until(`${listener.id} to get an event of ${host.id}`, () => {
    host.transport.publish(created(-1, path))
    return listener.events.slice(before).some(message => message.path === path && message.event === 'created')
  })
}

/** The numbers of the events that a node got, without those that only tried whether events come. */
export function numbers ({ events }: ConformanceNode): number[] {
  return events.filter(({ event }) => event === 'created').map(({ args: [n] }) => Number(n)).filter(n => n >= 0)
}

/** The gaps that a node heard of, as the transport tells them. */
export function gaps ({ events }: ConformanceNode): EventMessage[] {
  return events.filter(({ event }) => event === GAP)
}

/** The gaps that tell that a connection was lost: how many events that costs is not known yet. */
export function losses (node: ConformanceNode): EventMessage[] {
  return gaps(node).filter(({ args: [gap] }) => fieldsOf(gap).missed === undefined)
}

/** Why a node missed events, once for each gap. */
export function reasons (node: ConformanceNode): unknown[] {
  return gaps(node).map(({ args: [gap] }) => fieldsOf(gap).reason)
}

/** How many missed events were reported to a node. */
export function missed (node: ConformanceNode): number {
  return gaps(node).reduce((sum, { args: [gap] }) => sum + (numberField(fieldsOf(gap), 'missed') ?? 0), 0)
}
