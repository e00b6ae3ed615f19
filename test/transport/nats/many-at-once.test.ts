import { Socket } from 'node:net'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { nats } from 'feathers-mesh/nats'
import type { EventMessage, IncomingCall } from 'feathers-mesh/transport'
import { ConformanceNode } from '../../../lib/testing/conformance-node'
import { encodeRequest } from '../../../lib/transport/messages/request'
import { messageText } from '../../../lib/transport/nats/message-text'
import { Subjects, tokenOf } from '../../../lib/transport/nats/subjects'
import type { RejectionReason } from '../../../lib/transport/rejections'
import { until } from '../../until'
import { resourcesOf } from '../resources'
import { hasNats, NatsServer } from './nats-server'

/** More than are passed on in one turn of the event loop. */
const MANY = 100
const CONTRACT = { path: 'todos', methods: [{ name: 'find', idempotent: true }], events: ['created'] }
const NUMBERS = Array.from({ length: MANY }, (_, n) => n)

/** A node that keeps the order of all that is passed on to it. */
class LoggingNode extends ConformanceNode {
  readonly entries: unknown[] = []
  onFirst: () => void = () => {}

  override serve (call: IncomingCall): void {
    this.entries.push(call.request.data)
    if (this.entries.length === 1) this.onFirst()
    super.serve(call)
  }

  override receive (message: EventMessage): void {
    this.entries.push(`event ${String(message.args[0])}`)
    super.receive(message)
  }

  override ended (peerId: string): void {
    this.entries.push(`${peerId} ended`)
    super.ended(peerId)
  }

  /** Transports call it without its node. */
  override onRejected = (reason: RejectionReason): void => { this.entries.push(reason) }
}

const describeWithNats = hasNats ? describe : describe.skip

describeWithNats('many messages that came as one', () => {
  const nodes: LoggingNode[] = []
  let environment = ''
  let environments = 0
  let server: NatsServer
  let stranger: NatsConnection

  beforeAll(async () => {
    server = await NatsServer.start()
    stranger = await connect({ servers: server.url })
  })
  afterAll(async () => {
    await stranger.close()
    await server.stop()
  })
  beforeEach(() => { environment = `e${++environments}` })
  afterEach(async () => {
    await Promise.all(nodes.splice(0).map(async ({ transport }) => await transport.stop(0)))
  })

  async function start (id: string, secret?: string): Promise<LoggingNode> {
    const node = new LoggingNode(id, nats(server.url).make({ environment, secret }))
    nodes.push(node)
    node.offered = [CONTRACT]
    await node.transport.start(node)
    return node
  }

  /** A stranger that is another node, for all that a host sees. It hears what is sent to it. */
  class Guest {
    readonly heard: string[] = []
    onHeard: () => void = () => {}
    private readonly subjects = new Subjects('mesh', environment)
    private readonly subscription = stranger.subscribe(this.subjects.inbox('guest', 'guests', 'default'), {
      callback: (_error, message) => {
        this.heard.push(message.string())
        this.onHeard()
      }
    })

    /** Sends messages as one. */
    send (...messages: string[]): void {
      const head = `${tokenOf('guest')} abc.7 -\n`
      stranger.publish(this.subjects.inbox('host', 'default', 'guests'), head + messages.join(''))
    }

    leave (): void {
      this.subscription.unsubscribe()
    }
  }

  /** A guest that the host has a session with: what is sent before the server knows of its inbox is lost. */
  async function join (): Promise<Guest> {
    const guest = new Guest()
    await until('an answer', () => {
      guest.send(HELLO)
      return guest.heard.length > 0
    })
    return guest
  }

  const HELLO = messageText('hello', 0, JSON.stringify({ id: 'guest', key: 'guests', life: 'abc.1', revision: 0 }))
  const requestText = (n: number): string =>
    messageText('request', n + 1, encodeRequest({ method: 'find', key: 'default', path: 'todos', data: n }))

  const REQUESTS = NUMBERS.map(requestText)

  it.each([['open', undefined], ['sealed', 'a secret of this test']])(
    'keep their order, replies behind the events of their calls, on %s meshes', async (_how, secret) => {
      const [host, caller] = await Promise.all([start('host', secret), start('caller', secret)])
      await until('both to know each other', () => host.peers.has('caller') && caller.peers.has('host'))
      caller.transport.subscribe('todos')
      await until('the subscription', () => host.listeners.length > 0)
      host.answer = call => {
        host.publish({ path: 'todos', event: 'created', key: host.key, args: [call.request.data] })
        call.reply(null, call.request.data)
      }
      await new Promise<void>(resolve => {
        for (const n of NUMBERS) {
          const request = { method: 'find', key: 'default', path: 'todos', data: n }
          caller.transport.request('host', request, {
            settle: (_error, value) => {
              caller.entries.push(value)
              if (n === MANY - 1) resolve()
            },
            fail: error => caller.entries.push(error)
          })
        }
      })
      expect(host.entries).toEqual(NUMBERS)
      expect(caller.entries.filter(entry => typeof entry === 'number')).toEqual(NUMBERS)
      expect(caller.entries.filter(entry => typeof entry === 'string')).toEqual(NUMBERS.map(n => `event ${n}`))
      for (const n of NUMBERS) expect(caller.entries.indexOf(`event ${n}`)).toBeLessThan(caller.entries.indexOf(n))
    })

  it('are counted as malformed once, behind those before and without those after it, and the peer stays', async () => {
    const host = await start('host')
    const guest = await join()
    guest.send(...REQUESTS.slice(0, 50), 'no message\n', ...REQUESTS.slice(50))
    guest.send(requestText(MANY))
    await until('what came last', () => host.entries.includes(MANY))
    expect(host.entries).toEqual([...NUMBERS.slice(0, 50), 'malformedFrame', MANY])
    guest.leave()
  })

  it('are all passed on before the goodbye that comes behind them counts', async () => {
    const host = await start('host')
    const guest = await join()
    guest.send(...REQUESTS, messageText('gone', 0, undefined), requestText(MANY))
    await until('the end', () => host.finished.length > 0)
    expect(host.entries).toEqual([...NUMBERS, 'guest ended'])
    guest.leave()
  })

  it('are all passed on before the question behind them, whether they have been read, is answered', async () => {
    const host = await start('host')
    const guest = await join()
    let readThen = 0
    guest.onHeard = () => {
      if (readThen === 0 && guest.heard.some(text => text.includes('k7\n'))) readThen = host.entries.length
    }
    guest.send(...REQUESTS, messageText('mark', 7, undefined))
    await until('the answer', () => readThen > 0)
    expect(readThen).toBe(MANY)
    guest.leave()
  })

  it('are all passed on, and none later, when the node is stopped while it reads them', async () => {
    const host = await start('host')
    const guest = await join()
    const stopped = new Promise<void>(resolve => { host.onFirst = () => void host.transport.stop(0).then(resolve) })
    guest.send(...REQUESTS)
    await stopped
    expect(host.entries).toEqual([...NUMBERS, 'guest ended'])
    guest.leave()
  })

  it('are answered, all of them, when the node leaves while it reads them and the peer waits for that', async () => {
    const host = await start('host')
    const guest = await join()
    host.answer = call => call.reply(null, call.request.data)
    const stopped = new Promise<void>(resolve => {
      host.onFirst = () => void host.transport.stop(10_000).then(resolve)
    })
    guest.send(...REQUESTS, messageText('done', 0, undefined))
    await stopped
    await stranger.flush()
    const replies = [...guest.heard.join('\n').matchAll(/^.*?r(\d+) P/gm)].map(([, id]) => Number(id))
    expect(replies).toEqual(NUMBERS.map(n => n + 1))
    guest.leave()
  })

  it('are all passed on before the peer is lost, when the connection breaks while they are read', async () => {
    const host = await start('host')
    const guest = await join()
    host.onFirst = () => {
      for (const socket of resourcesOf(host.transport)) if (socket instanceof Socket) socket.destroy()
    }
    guest.send(...REQUESTS)
    await until('the end', () => host.finished.length > 0)
    expect(host.entries).toEqual([...NUMBERS, 'guest ended'])
    guest.leave()
  })
})
