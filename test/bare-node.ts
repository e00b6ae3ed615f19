import type { Contract, Transport } from 'feathers-mesh'
import type { IncomingCall, Request } from 'feathers-mesh/transport'
import { ConformanceNode } from '../lib/testing/conformance-node'

export type Reply = IncomingCall['reply']

export interface BareNodeOptions {
  readonly id?: string
  readonly key?: string
  readonly contracts?: readonly Contract[]
  /** Answers nothing on its own. */
  readonly serve?: (request: Request, reply: Reply) => void
}

/** A node that is a transport and nothing else: it can say what no remote of ours would say. */
export class BareNode extends ConformanceNode {
  constructor (transport: Transport, { id = 'bare-node', key, contracts = [], serve }: BareNodeOptions = {}) {
    super(id, transport, key)
    this.offered = contracts
    this.answer = call => serve?.(call.request, (error, value) => call.reply(error, value))
  }

  get requests (): Request[] {
    return this.calls.map(({ request }) => request)
  }

  async start (): Promise<this> {
    await this.transport.start(this)
    return this
  }

  /** Asks a peer and gives its answer, whatever it is. */
  async ask (peerId: string, partial: Partial<Request>): Promise<unknown> {
    const request = { method: 'find', key: this.key, path: '', ...partial }
    const [error, value] = await new Promise<readonly [error: unknown, value?: unknown]>(resolve => {
      this.transport.request(peerId, request, {
        settle: (error, value) => resolve([error, value]),
        fail: error => resolve([error])
      })
    })
    if (error === null || error === undefined) return value
    throw error as Error
  }
}
