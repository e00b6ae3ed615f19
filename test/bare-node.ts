import type {
  Contract, EventMessage, IncomingCall, LeaveReason, Peer, Request, Transport, TransportHost
} from 'feathers-mesh'

export type Reply = IncomingCall['reply']

export interface BareNodeOptions {
  readonly id?: string
  readonly key?: string
  readonly contracts?: readonly Contract[]
  /** Answers nothing by itself. */
  readonly serve?: (request: Request, reply: Reply) => void
}

/** A node that is a transport and nothing else: it can say what no remote of ours would say. */
export class BareNode implements TransportHost {
  readonly id: string
  readonly key: string
  readonly peers = new Map<string, Peer>()
  readonly departures: Array<[id: string, reason: LeaveReason]> = []
  readonly requests: Request[] = []
  readonly events: EventMessage[] = []

  constructor (readonly transport: Transport, private readonly options: BareNodeOptions = {}) {
    this.id = options.id ?? 'bare-node'
    this.key = options.key ?? 'default'
  }

  async start (): Promise<this> {
    await this.transport.start(this)
    return this
  }

  /** Asks a peer and gives its answer, whatever it is. */
  async ask (peerId: string, partial: Partial<Request>): Promise<unknown> {
    const request = { type: 'find', key: this.key, path: '', ...partial }
    const [error, value] = await new Promise<readonly [error: unknown, value?: unknown]>(resolve => {
      this.transport.request(peerId, request, {
        settle: (...outcome) => resolve(outcome),
        fail: error => resolve([error])
      })
    })
    if (error === null || error === undefined) return value
    throw error as Error
  }

  contracts (): readonly Contract[] {
    return this.options.contracts ?? []
  }

  serve (call: IncomingCall): void {
    this.requests.push(call.request)
    this.options.serve?.(call.request, (error, value) => call.reply(error, value))
  }

  receive (message: EventMessage): void {
    this.events.push(message)
  }

  joined (peer: Peer): void {
    this.peers.set(peer.id, peer)
  }

  left (peerId: string, reason: LeaveReason): void {
    this.peers.delete(peerId)
    this.departures.push([peerId, reason])
  }
}
