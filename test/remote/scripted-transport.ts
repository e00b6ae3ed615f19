import type { CallOutcome, Contract, Transport } from 'feathers-mesh'
import type { EventMessage, Peer, ReplyHandler, Request } from 'feathers-mesh/transport'
import { TransportError } from 'feathers-mesh/transport'
import { PROCESS_LOG } from '../../lib/log'
import { Measures } from '../../lib/inspection/measures'
import { Registry } from '../../lib/registry/registry'
import type { CallPolicy } from '../../lib/remote/call/call-options'
import type { RunLocally } from '../../lib/remote/call/local-call'
import { Expectations } from '../../lib/remote/expected-contracts'
import { Remotes } from '../../lib/remote/remotes'
import type { Routing } from '../../lib/remote/balancing/routing'

/** A request that is on its way, until the test says what becomes of it. */
export class SentRequest {
  constructor (readonly node: string, readonly request: Request, private readonly handler: ReplyHandler) {}

  reply (value: unknown): void {
    this.handler.settle(null, value)
  }

  refuse (error: Error): void {
    this.handler.settle(error)
  }

  /** The way failed. */
  fail (outcome: CallOutcome, message = `the connection to ${this.node} was lost`): void {
    this.failWith(new TransportError(message, outcome))
  }

  failWith (error: TransportError): void {
    this.handler.fail(error)
  }

  /** The node answers no probe. */
  goUnanswered (): void {
    this.handler.unanswered?.()
  }
}

/** A transport that does nothing on its own: the test plays the other nodes. */
export class ScriptedTransport implements Transport {
  readonly sent: SentRequest[] = []
  readonly forgotten: Array<[node: string, id: number]> = []
  readonly listening = new Set<string>()
  /** What `request` throws, as a transport does with a request that it can't encode. */
  unsendable: Error | undefined

  async start (): Promise<void> {}
  announce (): void {}
  publish (_message: EventMessage): void {}
  async stop (): Promise<void> {}

  request (node: string, request: Request, handler: ReplyHandler): number {
    if (this.unsendable !== undefined) throw this.unsendable
    return this.sent.push(new SentRequest(node, request, handler))
  }

  cancel (node: string, id: number): void {
    this.forgotten.push([node, id])
  }

  subscribe (path: string): void {
    this.listening.add(path)
  }

  unsubscribe (path: string): void {
    this.listening.delete(path)
  }
}

interface ScriptedMeshOptions extends Partial<CallPolicy> {
  readonly runLocally?: RunLocally
  readonly routing?: Routing
}

const POLICY: CallPolicy = {
  timeout: 5_000, attemptTimeout: undefined, retries: 5, retryDelay: 1, waitForService: true, maxWaiting: 100
}

let made: ScriptedMesh[] = []

// A call that a test leaves under way would keep the process until its time is over.
afterEach(() => {
  for (const { transport, remotes } of made) {
    for (const sent of transport.sent) sent.reply(undefined)
    remotes.close()
  }
  made = []
})

/** The remotes of one node whose mesh the test plays. */
export class ScriptedMesh {
  readonly transport = new ScriptedTransport()
  readonly registry: Registry
  readonly remotes: Remotes

  constructor ({ runLocally = async () => 'local', routing = 'leastPending', ...policy }: ScriptedMeshOptions = {}) {
    const expectations = new Expectations(false)
    this.registry = new Registry({ eligibility: expectations.eligibility })
    this.remotes = new Remotes({
      registry: this.registry,
      expectations,
      log: PROCESS_LOG,
      transport: this.transport,
      nodeId: 'here',
      runLocally,
      routing,
      policy: { ...POLICY, ...policy },
      classes: { validateAtCaller: false, strictContracts: false },
      measures: new Measures({ hosts: () => true, calls: () => true, hears: () => true }),
      health: { threshold: 3, probeInterval: 10 }
    })
    made.push(this)
  }

  /** The requests that each node got, by its id. */
  get asked (): string[] {
    return this.transport.sent.map(({ node }) => node)
  }

  /** The last request that was sent. */
  get last (): SentRequest {
    const last = this.transport.sent.at(-1)
    if (last === undefined) throw new Error('nothing was sent')
    return last
  }

  join (id: string, ...contracts: Contract[]): Peer {
    const peer = { id, key: 'default', contracts: contracts.length === 0 ? [todos()] : contracts }
    this.registry.join(peer)
    return peer
  }

  /** A node that is known by what it announced, and has never answered. */
  announce (id: string): void {
    this.registry.join({ id, key: 'default', contracts: [todos()], isUnproven: true })
  }

  /** The nodes that calls of a method went to. */
  askedFor (method: string): readonly string[] {
    return this.transport.sent.filter(({ request }) => request.method === method).map(({ node }) => node)
  }

  call (method: string, args: readonly unknown[] = [], options = {}): Promise<unknown> {
    return this.remotes.call('todos', method, args, options)
  }
}

/** A contract of 'todos' with these methods; `find` may be repeated, others not, unless their names end with `!`. */
export function todos (methods: readonly string[] = ['find', 'create'], path = 'todos'): Contract {
  return {
    path,
    methods: methods.map(name => ({ name: name.replace('!', ''), idempotent: name === 'find' || name.endsWith('!') })),
    events: ['created']
  }
}
