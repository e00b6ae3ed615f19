import { Socket } from 'node:net'
import { connect } from '@nats-io/transport-node'
import type { Transport } from 'feathers-mesh'
import { nats, type NatsBroker } from 'feathers-mesh/nats'
import type { ConformanceHooks } from 'feathers-mesh/testing'
import type { TransportHost } from 'feathers-mesh/transport'
import { Subjects } from '../../../lib/transport/nats/subjects'
import { resourcesOf } from '../resources'
import type { NatsServer } from './nats-server'

/** A mesh of NATS transports in this process, and what breaks it. */
export class NatsUnderTest {
  private readonly nodes = new Map<string, { readonly host: TransportHost, readonly transport: Transport }>()
  private readonly broker: NatsBroker
  private readonly subjects: Subjects

  private readonly maxMessageSize: number
  private readonly secret: string | undefined

  /** @param environment - no two meshes have the same */
  constructor (
    private readonly server: NatsServer, private readonly environment: string,
    { maxMessageSize, secret }: { readonly maxMessageSize: number, readonly secret?: string }
  ) {
    this.maxMessageSize = maxMessageSize
    this.secret = secret
    this.broker = nats({ servers: server.url, maxMessageSize, maxBacklog: 8 * 1024 * 1024 })
    this.subjects = new Subjects('mesh', environment)
  }

  transport (): Transport {
    const transport = this.broker.make({ environment: this.environment, secret: this.secret })
    const start = transport.start.bind(transport)
    transport.start = async (host: TransportHost) => {
      this.nodes.set(host.id, { host, transport })
      await start(host)
    }
    return transport
  }

  hooks (): ConformanceHooks {
    return {
      // The second node alone loses its server: others must not notice.
      cut: (_one, other) => this.cut(other),
      kill: async node => await this.kill(node),
      deafen: node => this.deafen(node),
      inject: async (node, bytes) => await this.inject(node, bytes),
      malformed: MALFORMED,
      maxMessageSize: this.maxMessageSize
    }
  }

  private cut (id: string): void {
    for (const socket of this.socketsOf(id)) socket.destroy()
  }

  private async kill (id: string): Promise<void> {
    this.cut(id)
    // What is left of it is in this process.
    await this.nodes.get(id)?.transport.stop(0)
  }

  private deafen (id: string): () => void {
    const sockets = this.socketsOf(id)
    for (const socket of sockets) socket.pause()
    return () => { for (const socket of sockets) socket.resume() }
  }

  private socketsOf (id: string): Socket[] {
    return resourcesOf(this.nodes.get(id)?.transport).filter(resource => resource instanceof Socket)
  }

  /** A stranger on the same server, on each subject that the node listens to. */
  private async inject (id: string, bytes: Buffer): Promise<void> {
    const host = this.nodes.get(id)?.host
    if (host === undefined) throw new Error(`there is no node ${id}`)
    const stranger = await connect({ servers: this.server.url })
    const { subjects } = this
    for (const subject of [
      subjects.hello('default'), subjects.hello('stranger'), subjects.inbox(id, host.key, 'default'),
      subjects.inbox(id, host.key, 'stranger'), subjects.event('default', 'todos', 'created'),
      subjects.unheard(id, host.key, 'x'), subjects.unheard(id, host.key, '__proto___1_1')
    ]) stranger.publish(subject, bytes)
    await stranger.flush()
    await stranger.close()
  }
}

const VALUE = '{"type":"find","path":"todos","key":"default"}'
const HEADS = ['x - -', '__proto__ a.1 -', 'x y z w', '', ' ', '- - -']
const BODIES = [
  '', 'q1\n', 'q1 P4\nnull', 'q1 P999\nnull', `q1 P${VALUE.length}\n${VALUE}`, 'q1 T5\n[[9]]', 'q1 X4\nnull', 'q\n',
  'q1e400 P4\nnull', 'r1 p1\n{', 'r1 P2 B2\n[][[', 'r1 N99\n', 'e0 P9\n{"path":7', 'e0 S3\nabc', 'h0\n', 'h0 S2\n{}',
  'h0 S4\nnull', `h0 S${'{"id":"host","key":"default","life":"x.1"}'.length}\n{"id":"host","key":"default","life":"x.1"}`,
  'v9\n', 'd0\n', 'f0 P2\n{}', 'g0\n', 'm1\n', 'k9\n', 'z1\n', `q1 ${'P1 '.repeat(100)}\n`, `q1 P50000\n${'['.repeat(50_000)}`
]
const HELLOS = [
  '{"id":"stranger","key":"stranger","life":"abc.1","revision":1,"asks":true}',
  '{"id":"host","key":"stranger","life":"abc.2"}', '{"id":"__proto__","key":"default","life":"a.1","revision":{}}',
  '{"id":7,"key":[],"life":{}}', '{"id":"x","key":"default","life":"no life"}', '{"id":"","key":"default","life":"a.1"}'
]

/** What strangers may send: heads and bodies with everything wrong that can be wrong, and hellos. */
const MALFORMED: readonly Buffer[] = [
  ...HEADS.flatMap(head => BODIES.map(body => `${head}\n${body}`)).map(text => Buffer.from(text)),
  ...HELLOS.map(text => Buffer.from(text))
]
