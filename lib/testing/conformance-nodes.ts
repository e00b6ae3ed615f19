import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import type { Contract } from '../contract/contract'
import { TransportError, type EventMessage, type Transport } from '../transport/transport'
import { ConformanceNode, type Outcome, type Sent } from './conformance-node'

/** Makes a transport for one more node of one mesh; no other node is on that mesh. */
export type MakeTransport = () => Transport

/** Milliseconds for whatever is waited for. */
const WAIT_LIMIT_MS = 10_000
const POLL_MS = 5

/** Waits for a condition, but not for ever. */
export async function until<T> (what: string, ask: () => T | Promise<T>): Promise<NonNullable<T>> {
  const end = Date.now() + WAIT_LIMIT_MS
  for (;;) {
    const answer = await ask()
    if (answer) return answer
    if (Date.now() > end) assert.fail(`not within ${WAIT_LIMIT_MS} ms: ${what}`)
    await delay(POLL_MS)
  }
}

export const TODOS: Contract = {
  path: 'todos',
  methods: [{ name: 'find', idempotent: true }, { name: 'create', idempotent: false }],
  events: ['created']
}

export const created = (n: number, path = 'todos'): EventMessage =>
  ({ path, key: 'default', event: 'created', args: [n] })

/** The nodes of one test; all are stopped after it. */
export class Nodes {
  private readonly nodes: ConformanceNode[] = []

  constructor (private readonly makeTransport: MakeTransport) {}

  make (id: string, offered: readonly Contract[] = []): ConformanceNode {
    const node = new ConformanceNode(id, this.makeTransport())
    node.offered = offered
    this.nodes.push(node)
    return node
  }

  async start (id: string, offered?: readonly Contract[]): Promise<ConformanceNode> {
    const node = this.make(id, offered)
    await node.transport.start(node)
    return node
  }

  /** One that hosts the todos and answers nothing by itself, and one that knows it. */
  async pair (): Promise<readonly [host: ConformanceNode, consumer: ConformanceNode]> {
    const host = await this.start('host', [TODOS])
    const consumer = await this.start('consumer')
    await until('the host to be known', () => consumer.peers.has('host'))
    return [host, consumer]
  }

  async stop (): Promise<void> {
    await Promise.all(this.nodes.map(async ({ transport }) => await transport.stop(0)))
  }
}

/** What becomes of a request. */
export async function outcome ({ told }: Sent): Promise<Outcome> {
  return await until('an outcome', () => told[0])
}

/** How a request fails on its way. */
export async function failure (sent: Sent): Promise<TransportError> {
  const { error } = await outcome(sent)
  assert.ok(error instanceof TransportError, `it should have failed on its way, not with ${String(error)}`)
  return error
}
