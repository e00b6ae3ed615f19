import { ConformanceNode } from '../../../../lib/testing/conformance-node'
import { Subjects } from '../../../../lib/transport/nats/subjects'
import type { RejectionReason } from '../../../../lib/transport/rejections'
import { nats } from 'feathers-mesh/nats'
import { until } from '../../../until'
import { hasNats, NatsServer } from '../nats-server'
import { Spy } from './recorded'

const SECRET = 'the secret of this mesh'
const OTHER_SECRET = 'another secret of 16 characters'
/** So that nodes that were refused are soon heard again. */
const HELLO_MS = 300
const PATH = 'payments/cards'
const CONTRACT = {
  path: PATH, methods: [{ name: 'create', idempotent: false }, { name: 'find', idempotent: true }], events: ['charged']
}

/** A node that counts what it rejects. */
class CountingNode extends ConformanceNode {
  readonly rejected: RejectionReason[] = []

  /** Transports call it without its node. */
  override onRejected = (reason: RejectionReason): void => { this.rejected.push(reason) }

  count (reason: RejectionReason): number {
    return this.rejected.filter(each => each === reason).length
  }
}

type Secrets = string | readonly string[] | (() => string | readonly string[])

const describeWithNats = hasNats ? describe : describe.skip

describeWithNats('a mesh on NATS with a secret', () => {
  const nodes: CountingNode[] = []
  const spies: Spy[] = []
  let environment = ''
  let environments = 0
  let server: NatsServer

  beforeAll(async () => { server = await NatsServer.start() })
  afterAll(async () => await server.stop())
  beforeEach(() => { environment = `e${++environments}` })
  afterEach(async () => {
    await Promise.all(nodes.splice(0).map(async ({ transport }) => await transport.stop(0)))
    await Promise.all(spies.splice(0).map(async spy => await spy.close()))
  })

  async function spyOn (): Promise<Spy> {
    const spy = await Spy.on(server.url)
    spies.push(spy)
    return spy
  }

  async function start (id: string, secret: Secrets | undefined = SECRET): Promise<CountingNode> {
    const broker = nats({ servers: server.url, helloInterval: HELLO_MS })
    const node = new CountingNode(id, broker.make({ environment, secret }))
    nodes.push(node)
    node.offered = [CONTRACT]
    node.answer = call => call.reply(null, call.request.data)
    await node.transport.start(node)
    return node
  }

  const meet = async (one: CountingNode, other: CountingNode): Promise<void> => {
    await until('both to know each other', () => one.peers.has(other.id) && other.peers.has(one.id))
  }

  async function pair (): Promise<readonly [host: CountingNode, caller: CountingNode]> {
    const [host, caller] = await Promise.all([start('host'), start('caller')])
    await meet(host, caller)
    return [host, caller]
  }

  const call = async (from: CountingNode, to: string, data: unknown): Promise<unknown> => {
    const { told } = from.send(to, { path: PATH, method: 'create', data })
    const { error, value } = await until('a reply', () => told[0])
    expect(error ?? undefined).toBeUndefined()
    return value
  }

  /** Subscribes, and waits until events come. */
  async function listen (listener: CountingNode, host: CountingNode): Promise<void> {
    listener.transport.subscribe(PATH)
    await until('the subscription', () => host.listeners.some(([peer]) => peer.node === listener.id))
  }

  const publish = (host: CountingNode, data: unknown): void => {
    host.publish({ path: PATH, event: 'charged', key: host.key, args: [data] })
  }

  const dataOf = (node: CountingNode): unknown[] => node.events.map(({ args: [data] }) => data)

  it('shows a user of the server who hears everything no path, event, key of an object or data', async () => {
    const spy = await spyOn()
    const [host, caller] = await pair()
    await listen(caller, host)
    expect(await call(caller, 'host', { number: '4111-1111' })).toEqual({ number: '4111-1111' })
    publish(host, { amount: 'nine-ninety' })
    await until('the event', () => caller.events.length === 1)
    await spy.settle()
    expect(spy.heard.length).toBeGreaterThan(8)
    for (const word of ['payments', 'cards', 'charged', 'create', 'number', '4111', 'amount', 'nine', SECRET]) {
      expect(spy.read).not.toContain(word)
    }
    // What it reads: who talks to whom.
    expect(spy.read).toContain(`mesh.${environment}.to.default.host.default`)
  })

  it('counts no refusal for events of a node that it has not met yet', async () => {
    const [host, caller] = await pair()
    await listen(caller, host)
    const spy = await spyOn()
    publish(host, 1)
    const isEvent = ({ subject }: { readonly subject: string }): boolean => subject.includes('.event.')
    const { subject, data } = await until('the event', () => spy.heard.find(isEvent))
    const ofAnother = Uint8Array.from(data, (byte, at) => at < 8 ? byte ^ 1 : byte)
    spy.send({ subject, reply: undefined, data: ofAnother })
    spy.send({ subject, reply: undefined, data })
    await until('the event that came twice to be counted', () => caller.count('malformedFrame') > 0)
    expect(caller.rejected).toEqual(['malformedFrame'])
    expect(dataOf(caller)).toEqual([1])
  })

  it('runs and hears nothing a second time when all that travelled is sent again, and counts that', async () => {
    const spy = await spyOn()
    const [host, caller] = await pair()
    await listen(caller, host)
    await call(caller, 'host', 1)
    publish(host, 1)
    await until('the event', () => caller.events.length === 1)
    await spy.settle()
    const before = [host, caller].map(({ rejected }) => rejected.length)
    for (const message of [...spy.heard]) if (!message.subject.includes('.unheard.')) spy.send(message)
    await spy.settle()
    publish(host, 2)
    expect(await call(caller, 'host', 2)).toBe(2)
    await until('the event that follows', () => dataOf(caller).includes(2))
    expect(dataOf(caller)).toEqual([1, 2])
    expect(host.calls.map(({ request: { data } }) => data)).toEqual([1, 2])
    for (const [n, { rejected, departures }] of [host, caller].entries()) {
      expect(rejected.length).toBeGreaterThan(before[n])
      expect(departures).toEqual([])
    }
    expect(host.count('replayedHello') + caller.count('replayedHello')).toBeGreaterThan(0)
  })

  it('plays nothing of an earlier start of a node to those of now', async () => {
    const spy = await spyOn()
    const [host, caller] = await pair()
    await call(caller, 'host', 1)
    await host.transport.stop(0)
    await until('the goodbye', () => !caller.peers.has('host'))
    const old = [...spy.heard]
    const next = await start('host')
    await meet(next, caller)
    for (const message of old) spy.send(message)
    await spy.settle()
    expect(await call(caller, 'host', 2)).toBe(2)
    expect(next.calls.map(({ request: { data } }) => data)).toEqual([2])
    expect(caller.departures).toEqual([['host', 'goodbye']])
    expect(next.departures).toEqual([])
  })

  it('takes nothing that was altered, moved to another node, or passed off as from another sender', async () => {
    const spy = await spyOn()
    const [host, caller] = await pair()
    const third = await start('third')
    await meet(host, third)
    await call(caller, 'host', 1)
    await spy.settle()
    const subjects = new Subjects('mesh', environment)
    const before = host.rejected.length
    const sealed = spy.heard.filter(({ subject }) => subject === subjects.inbox('host', 'default', 'default'))
    for (const { data, ...message } of sealed) {
      for (const at of [0, 3, data.length >> 1, data.length - 1]) {
        const altered = Uint8Array.from(data)
        altered[at] ^= 1
        spy.send({ ...message, data: altered })
      }
      spy.send({ ...message, data: data.subarray(0, data.length - 1) })
      spy.send({ ...message, data, subject: subjects.inbox('third', 'default', 'default') })
      spy.send({ ...message, data, subject: subjects.inbox('host', 'default', 'stranger') })
      const passedOff = Buffer.from(Buffer.from(data).toString('latin1').replace('caller', 'third'), 'latin1')
      spy.send({ ...message, data: passedOff })
    }
    await spy.settle()
    expect(await call(caller, 'host', 2)).toBe(2)
    expect(await call(third, 'host', 3)).toBe(3)
    expect(host.calls.map(({ request: { data } }) => data)).toEqual([1, 2, 3])
    expect(third.calls).toEqual([])
    expect(host.rejected.length).toBeGreaterThan(before)
    for (const { departures } of [host, caller, third]) expect(departures).toEqual([])
  })

  it.each<[string, Secrets | undefined, RejectionReason, RejectionReason]>([
    ['another secret', OTHER_SECRET, 'foreignHello', 'foreignHello'], ['none', undefined, 'plainHello', 'sealedHello']
  ])('keeps out a node with %s, and both tell why', async (_what, secret, here, there) => {
    const [host, caller] = await pair()
    // A default stands in for undefined.
    const stranger = new CountingNode('stranger', nats(server.url).make({ environment, secret }))
    nodes.push(stranger)
    await stranger.transport.start(stranger)
    await until('it to be rejected', () => host.count(here) > 0 && caller.count(here) > 0)
    // Newcomers say hello to all.
    await start('newcomer')
    await until('it to reject the mesh', () => stranger.count(there) > 0)
    expect(stranger.peers.size).toBe(0)
    await until('the newcomer', () => host.peers.has('newcomer'))
    expect([...host.peers.keys()].sort()).toEqual(['caller', 'newcomer'])
    const { told } = stranger.send('host', { path: PATH, method: 'create' })
    await until('the call to fail', () => told.length > 0)
    expect(host.calls).toEqual([])
  })

  it('believes no server that says nobody got a request, as it may run', async () => {
    const [host, caller] = await pair()
    host.answer = undefined
    const spy = await spyOn()
    const { told } = caller.send('host', { path: PATH, method: 'create', data: 1 })
    await until('the request', () => host.calls.length === 1)
    const { reply } = await until('what was sent', () => spy.heard.find(({ reply }) => reply?.includes('.unheard.')))
    spy.send({ subject: reply ?? '', reply: undefined, data: Uint8Array.of() })
    await spy.settle()
    host.answer = call => call.reply(null, call.request.data)
    // What follows is read behind it.
    expect(await call(caller, 'host', 2)).toBe(2)
    expect(told).toEqual([])
    host.calls[0].reply(null, 1)
    await until('its reply', () => told.length > 0)
    expect(told).toMatchObject([{ value: 1 }])
  })

  it('replaces its secret under load without a failed call, and locks out who has only the old one', async () => {
    let secrets: readonly string[] = [SECRET]
    const current = (): readonly string[] => secrets
    const [host, caller] = await Promise.all([start('host', current), start('caller', current)])
    await meet(host, caller)
    await listen(caller, host)
    const left = await start('left', SECRET)
    await meet(host, left)
    const values: unknown[] = []
    let isEnding = false
    const load = (async () => {
      for (let n = 0; !isEnding; n++) {
        publish(host, n)
        values.push(await call(caller, 'host', n))
      }
    })()
    try {
      secrets = [SECRET, OTHER_SECRET]
      const newcomer = await start('newcomer', [OTHER_SECRET, SECRET])
      await until('a node that uses the new secret to be met', () => host.peers.has('newcomer'))
      await listen(caller, newcomer)
      await until('events by the names of the new secret to be heard', () => {
        publish(newcomer, 'new')
        return dataOf(caller).includes('new')
      })
      // Only now: the host itself has to use the new names before the old ones go.
      const spy = await spyOn()
      secrets = [OTHER_SECRET, SECRET]
      await until('events by other names', () => new Set(tokensOf(spy)).size > 1)
      secrets = [OTHER_SECRET]
      await until('the one with the old secret to be lost', () => !host.peers.has('left') && !caller.peers.has('left'))
      const { length } = values
      await until('more calls', () => values.length > length + 5)
    } finally {
      isEnding = true
      await load
    }
    expect(values).toEqual(values.map((_value, n) => n))
    const heard = (): unknown[] => dataOf(caller).filter(data => typeof data === 'number')
    await until('the last event', () => heard().at(-1) === values.length - 1)
    expect(heard()).toEqual(values)
    expect(host.count('wrongSecret')).toBe(1)
    for (const { departures } of [host, caller]) expect(departures.map(([id]) => id)).toEqual(['left'])
  })

  it('goes on with nodes whose secrets were replaced out of step, as they prove theirs again', async () => {
    let [ofHost, ofCaller] = [[SECRET], [SECRET]]
    const [host, caller] = await Promise.all([start('host', () => ofHost), start('caller', () => ofCaller)])
    const left = await start('left', SECRET)
    for (const [one, other] of [[host, caller], [host, left], [caller, left]] as const) await meet(one, other)
    ofHost = [OTHER_SECRET, SECRET]
    // It can't read what the host proves by that.
    await until('a proof that the caller refuses', () => caller.count('malformedFrame') > 0)
    ofCaller = ofHost
    await until('the proofs of both', () => left.count('malformedFrame') > 1)
    ofHost = ofCaller = [OTHER_SECRET]
    await until('the one with the old secret to be lost', () => !host.peers.has('left') && !caller.peers.has('left'))
    for (const { departures } of [host, caller]) expect(departures.map(([id]) => id)).toEqual(['left'])
    expect(await call(caller, 'host', 'on')).toBe('on')
  })

  it('keeps its time for newcomers when what a node said to be met comes again and again', async () => {
    const spy = await spyOn()
    const [host, caller] = await pair()
    await spy.settle()
    const old = spy.heard.filter(({ subject }) => subject.includes('.hello.') || subject.includes('.host.'))
    await caller.transport.stop(0)
    await until('it to be gone', () => !host.peers.has('caller'))
    for (let n = 0; n < 6_000; n++) for (const each of old) spy.send(each)
    await spy.settle()
    await meet(host, await start('newcomer'))
    expect(host.count('throttledHellos')).toBe(0)
  })

  it('loses no event that waits to leave while a secret is taken away', async () => {
    let secrets: readonly string[] = [SECRET, OTHER_SECRET]
    const current = (): readonly string[] => secrets
    const [host, caller] = await Promise.all([start('host', current), start('caller', current)])
    await meet(host, caller)
    await listen(caller, host)
    const spy = await spyOn()
    let published = 0
    // What this node has to do by the clock is done right after an event was published.
    const load = setInterval(() => {
      publish(host, published++)
      const busyUntil = performance.now() + 5
      while (performance.now() < busyUntil);
    }, 1)
    try {
      secrets = [SECRET]
      await until('events by another key', () => keyIdsOf(spy).size > 1)
    } finally {
      clearInterval(load)
    }
    await until('the last event', () => dataOf(caller).at(-1) === published - 1)
    expect(dataOf(caller)).toEqual(Array.from({ length: published }, (_value, n) => n))
  })

  it('hears a node that still publishes by a secret which was taken away a moment ago', async () => {
    let [ownSecrets, asked] = [[OTHER_SECRET, SECRET], 0]
    const [host, caller] = await Promise.all([start('host', [SECRET, OTHER_SECRET]), start('caller', () => {
      asked++
      return ownSecrets
    })])
    await meet(host, caller)
    await listen(caller, host)
    ownSecrets = [OTHER_SECRET]
    asked = 0
    await until('its secrets to be read', () => asked > 0)
    publish(host, 'late')
    await until('the event', () => dataOf(caller).includes('late'))
  })

  const tokensOf = (spy: Spy): string[] => spy.heard.flatMap(({ subject }) => subject.split('.event.')[1] ?? [])

  /** The names of the keys by which events were sealed. */
  const keyIdsOf = (spy: Spy): Set<string> => {
    const events = spy.heard.filter(({ subject }) => subject.includes('.event.'))
    return new Set(events.map(({ data }) => Buffer.from(data).toString('hex', 0, 8)))
  }
})
