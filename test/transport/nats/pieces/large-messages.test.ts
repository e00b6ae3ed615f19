import { Socket } from 'node:net'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { nats } from 'feathers-mesh/nats'
import { ConformanceNode } from '../../../../lib/testing/conformance-node'
import { messageText } from '../../../../lib/transport/nats/message-text'
import { pieceText } from '../../../../lib/transport/nats/pieces/piece'
import { Subjects } from '../../../../lib/transport/nats/subjects'
import type { RejectionReason } from '../../../../lib/transport/rejections'
import type { EventGap } from '../../../../lib/transport/transport'
import { until } from '../../../until'
import { resourcesOf } from '../../resources'
import { hasNats, NatsServer } from '../nats-server'

const MEGABYTE = 1024 * 1024
/** Characters of several lengths: no piece may cut one in two. */
const LARGE = 'aü€😀'.repeat(MEGABYTE / 2)
const CONTRACT = { path: 'todos', methods: [{ name: 'find', idempotent: true }], events: ['created'] }

/** A node that counts what it rejects. */
class CountingNode extends ConformanceNode {
  readonly rejected: RejectionReason[] = []

  /** Transports call it without its node. */
  override onRejected = (reason: RejectionReason): void => { this.rejected.push(reason) }
}

const describeWithNats = hasNats ? describe : describe.skip

describeWithNats('large messages on NATS', () => {
  const nodes: CountingNode[] = []
  let environment = ''
  let environments = 0
  let server: NatsServer
  let small: NatsServer
  let stranger: NatsConnection

  beforeAll(async () => {
    server = await NatsServer.start()
    small = await NatsServer.start('max_payload: 65536')
    stranger = await connect({ servers: server.url })
  })
  afterAll(async () => {
    await stranger.close()
    await Promise.all([server.stop(), small.stop()])
  })
  beforeEach(() => { environment = `e${++environments}` })
  afterEach(async () => {
    await Promise.all(nodes.splice(0).map(async ({ transport }) => await transport.stop(0)))
  })

  interface Settings {
    readonly secret?: string
    readonly servers?: string
    readonly maxBacklog?: number
  }

  async function start (id: string, settings: Settings = {}): Promise<CountingNode> {
    const { secret, servers = server.url, maxBacklog } = settings
    const node = new CountingNode(id, nats({ servers, maxBacklog }).make({ environment, secret }))
    nodes.push(node)
    node.offered = [CONTRACT]
    node.answer = call => call.reply(null, call.request.data)
    await node.transport.start(node)
    return node
  }

  async function pair (settings?: Settings): Promise<readonly [host: CountingNode, caller: CountingNode]> {
    const [host, caller] = await Promise.all([start('host', settings), start('caller', settings)])
    await until('both to know each other', () => host.peers.has('caller') && caller.peers.has('host'))
    return [host, caller]
  }

  async function listen (listener: CountingNode, host: CountingNode): Promise<void> {
    listener.transport.subscribe('todos')
    await until('the subscription', () => host.listeners.some(([peer]) => peer.node === listener.id))
  }

  const publish = (host: CountingNode, ...args: unknown[]): void => {
    host.publish({ path: 'todos', event: 'created', key: host.key, args })
  }

  const valueOf = async (from: CountingNode, to: string, data: unknown): Promise<unknown> => {
    const { told } = from.send(to, { data })
    const { error, value } = await until('a reply', () => told[0])
    expect(error ?? undefined).toBeUndefined()
    return value
  }

  it.each([['open', undefined], ['sealed', 'a secret of this test']])(
    'go and come in pieces beyond what the server takes, also as events, when they are %s', async (_how, secret) => {
      const [host, caller] = await pair({ secret })
      await listen(caller, host)
      expect(await valueOf(caller, 'host', LARGE) === LARGE).toBe(true)
      host.audiences.set('created', () => true)
      publish(host, 1, LARGE)
      publish(host, 2)
      host.audiences.clear()
      publish(host, 3, LARGE)
      publish(host, 4)
      await until('all events', () => caller.events.length === 4)
      expect(caller.events.map(({ args: [n] }) => n)).toEqual([1, 2, 3, 4])
      expect(caller.events.filter(({ args }) => args[1] === LARGE)).toHaveLength(2)
      expect([host.rejected, caller.rejected]).toEqual([[], []])
    })

  it('carry contracts and groups as well where the server takes little', async () => {
    const methods = Array.from({ length: 900 }, (_, n) => ({ name: `method${n}${'x'.repeat(150)}`, idempotent: true }))
    const host = await start('host', { servers: small.url })
    host.offered = [{ path: 'many', methods, events: [] }, CONTRACT]
    void host.transport.announce()
    const listener = await start('listener', { servers: small.url })
    await until('the contracts', () => listener.peers.get('host')?.contracts.length === 2)
    expect(listener.peers.get('host')?.contracts[0]).toEqual(host.offered[0])
    listener.transport.subscribe('todos')
    listener.transport.groups?.join('todos', [{ event: 'created', group: 'billing' }])
    await until('the group', () => host.transport.groups?.of('todos', 'created') !== undefined)
    const text = LARGE.slice(0, 300_000)
    publish(host, 1, text)
    await until('the event', () => listener.events.length > 0)
    expect(listener.events[0].args[1]).toBe(text)
  })

  it('let small calls pass, which are sent after them', async () => {
    const [host, caller] = await pair()
    const large = caller.send('host', { data: LARGE })
    const small = Array.from({ length: 5 }, (_, n) => caller.send('host', { data: n }))
    await until('all replies', () => [large, ...small].every(({ told }) => told.length > 0))
    expect(host.calls.map(({ request: { data } }) => typeof data)).toEqual([...Array(5).fill('number'), 'string'])
  })

  it('are given up with their calls, and free what has come of them', async () => {
    const [host, caller] = await pair()
    const { id, told } = caller.send('host', { data: LARGE })
    await until('a part of it', () => unfinishedOf(host) > 0)
    caller.transport.cancel('host', id)
    await until('it to be forgotten', () => unfinishedOf(host) === 0)
    expect(await valueOf(caller, 'host', LARGE) === LARGE).toBe(true)
    expect([host.calls.length, told, host.rejected]).toEqual([1, [], []])
  })

  it('are dropped with their sender when it dies in the middle', async () => {
    const [host, caller] = await pair()
    caller.send('host', { data: LARGE })
    await until('a part of it', () => unfinishedOf(host) > 0)
    for (const socket of socketsOf(caller)) socket.destroy()
    // The host asks for it by itself.
    const { told } = host.send('caller')
    await until('it to be gone', () => told.length > 0 && unfinishedOf(host) === 0)
    expect(host.calls).toEqual([])
  })

  it('count in the backlog: calls go elsewhere, and a slow reader hears of missed events as a gap', async () => {
    const [host, caller] = await pair({ maxBacklog: 3 * MEGABYTE })
    await listen(host, caller)
    const text = 'x'.repeat(2 * MEGABYTE)
    for (const socket of socketsOf(host)) socket.pause()
    const sent = Array.from({ length: 4 }, () => caller.send('host', { data: text }))
    await until('refusals', () => sent[3].told.length > 0)
    expect(sent.map(({ told: [outcome] }) => Reflect.get(Object(outcome?.error), 'outcome')))
      .toEqual([undefined, undefined, 'not-sent', 'not-sent'])
    for (let n = 1; n <= 5; n++) publish(caller, n, text)
    for (const socket of socketsOf(host)) socket.resume()
    await until('the replies', () => sent[1].told.length > 0)
    await until('room for events', () => {
      publish(caller, 'then')
      return host.events.some(({ args: [n] }) => n === 'then')
    })
    const missed = (): number => host.events.filter(({ event }) => event === 'gap')
      .reduce((sum, { args: [gap] }) => sum + Number((gap as EventGap).missed), 0)
    const then = host.events.findIndex(({ args: [n] }) => n === 'then')
    expect(host.events.slice(0, then).map(({ event }) => event)).toContain('gap')
    expect(missed()).toBeGreaterThanOrEqual(5)
    expect(host.calls).toHaveLength(2)
  })

  describe('of a hostile node', () => {
    const HEAD = 'mallory abc.1 -\n'
    let host: CountingNode
    let caller: CountingNode

    const say = (text: string): void => {
      stranger.publish(new Subjects('mesh', environment).inbox('host', 'default', 'default'), `${HEAD}${text}`)
    }
    const piece = (number: number, at: number, length: number, text: string): string =>
      messageText('piece', number, pieceText({ at, length, text }))
    const count = (reason: RejectionReason): number => host.rejected.filter(each => each === reason).length

    beforeEach(async () => {
      [host, caller] = await pair()
      // Nobody is there who does not listen.
      for (let n = 0; n < 10; n++) stranger.subscribe(new Subjects('mesh', environment).inbox(`m${n}`, 'default'))
      stranger.subscribe(new Subjects('mesh', environment).inbox('mallory', 'default'))
      stranger.publish(new Subjects('mesh', environment).hello('default'),
        JSON.stringify({ id: 'mallory', key: 'default', life: 'abc.1', revision: 0 }))
      await stranger.flush()
      say(messageText('hello', 0, JSON.stringify({ id: 'mallory', key: 'default', life: 'abc.1', revision: 0 })))
    })
    afterEach(async () => {
      // Whatever it sent, all others go on.
      expect(await valueOf(caller, 'host', LARGE.slice(0, MEGABYTE))).toBe(LARGE.slice(0, MEGABYTE))
      expect(caller.departures.filter(([id]) => id === 'host')).toEqual([])
      expect(count('containedFault')).toBe(0)
    })

    it('are refused when they are longer than a message may be, and their caller learns it', async () => {
      const replies: string[] = []
      stranger.subscribe(new Subjects('mesh', environment).inbox('mallory', 'default'), {
        callback: (_error, { data }) => { replies.push(Buffer.from(data).toString()) }
      })
      await stranger.flush()
      say(piece(1, 0, 17 * MEGABYTE, `q7 P999\n${'x'.repeat(1_000)}`))
      await until('a refusal', () => count('overlongMessage') === 1)
      await until('an answer', () => replies.some(text => text.includes('r7 ') && text.includes('maxMessageSize')))
      expect(unfinishedOf(host)).toBe(0)
    })

    it('are counted when they are no pieces, come twice, or don\'t follow each other', async () => {
      for (const body of ['', '0\n', '0 9\n', '9 1\nxx', '5 1000\nx']) say(messageText('piece', 1, body))
      say(piece(2, 0, 3_000, 'x'.repeat(1_000)))
      say(piece(2, 0, 3_000, 'x'.repeat(1_000)))
      say(piece(2, 2_000, 3_000, 'x'.repeat(1_000)))
      await until('all to be counted', () => count('malformedFrame') >= 7)
      expect(unfinishedOf(host)).toBe(0)
    })

    it('contain nothing but messages of a session', async () => {
      for (const text of ['h0 S2\n{}', 'g0\n', 'm1\n', 'i1 S5\n0 1\nx', 'z1\n', '{}', 'q1 P4\nnul']) {
        say(piece(3, 0, text.length, text))
      }
      await until('all to be counted', () => count('malformedFrame') >= 7)
      expect(host.departures).toEqual([])
    })

    it('can\'t be requests where events are heard', async () => {
      await listen(host, caller)
      const text = messageText('request', 1, { plain: true, text: '{"type":"find","path":"todos","key":"default"}' })
      const subject = new Subjects('mesh', environment).event('default', 'todos', 'created')
      stranger.publish(subject, `mallory abc.1 -\n${piece(4, 0, text.length, text)}`)
      await until('it to be counted', () => count('malformedFrame') >= 1)
      expect(host.calls).toEqual([])
    })

    it('get no answer to requests that begin where events are heard, as anybody may have sent them', async () => {
      const replies: string[] = []
      stranger.subscribe(new Subjects('mesh', environment).inbox('mallory', 'default'), {
        callback: (_error, { data }) => { replies.push(Buffer.from(data).toString()) }
      })
      await listen(host, caller)
      const begin = (id: number): string => piece(id, 0, 17 * MEGABYTE, `q${id} P999\n${'x'.repeat(1_000)}`)
      const subject = new Subjects('mesh', environment).event('default', 'todos', 'created')
      stranger.publish(subject, `mallory abc.1 -\n${begin(7)}`)
      await until('it to be counted', () => count('overlongMessage') === 1)
      say(begin(8))
      await until('the answer to another one', () => replies.some(text => text.includes('r8 ')))
      expect(replies.filter(text => text.includes('r7 '))).toEqual([])
    })

    it('take no more memory than all nodes may have together when they never end', async () => {
      const text = 'x'.repeat(MEGABYTE / 2)
      for (let peer = 0; peer < 10; peer++) {
        const hello = JSON.stringify({ id: `m${peer}`, key: 'default', life: 'abc.1', revision: 0 })
        const inbox = new Subjects('mesh', environment).inbox('host', 'default', 'default')
        stranger.publish(inbox, `m${peer} abc.1 -\n${messageText('hello', 0, hello)}`)
        for (let at = 0; at < 15 * MEGABYTE; at += text.length) {
          stranger.publish(inbox, `m${peer} abc.1 -\n${piece(1, at, 16 * MEGABYTE, text)}`)
        }
        // Faster, the server would take this node for one that reads too slowly.
        const bytes = 15 * MEGABYTE * (peer + 1)
        await until('it to be read', () => count('unfinishedMessage') > 0 || unfinishedOf(host) === bytes)
      }
      await until('another one to give way', () => count('unfinishedMessage') === 2)
      expect(unfinishedOf(host)).toBeLessThanOrEqual(128 * MEGABYTE)
    })
  })
})

/** Bytes that wait for their rest at a node: found wherever its transport keeps them. */
function unfinishedOf ({ transport }: ConformanceNode): number {
  const peers: unknown = Reflect.get(Object(Reflect.get(transport, 'node')), 'peers')
  return Number(Reflect.get(Object(Reflect.get(Object(peers), 'unfinished')), 'bytes'))
}

function socketsOf ({ transport }: ConformanceNode): Socket[] {
  return resourcesOf(transport).filter(resource => resource instanceof Socket)
}
