import net from 'node:net'
import createDebug from 'debug'
import { MemoryNetwork } from 'feathers-mesh'
import { PROCESS_LOG } from '../../lib/log'
import { namesOf } from '../../lib/errors'
import { KeptServices } from '../../lib/feathers/showing/placed/kept-services'
import { MeshDetails } from '../../lib/feathers/showing/mesh-details'
import type { PlacedService } from '../../lib/feathers/showing/placed/placed-service'
import { SocketMethods } from '../../lib/feathers/showing/socket-methods'
import { ServedLoad } from '../../lib/feathers/serving/served-load'
import { printable, printablePart } from '../../lib/printable'
import { LastSeenServices } from '../../lib/registry/last-seen'
import { PathKeys } from '../../lib/registry/path-keys'
import { Registry } from '../../lib/registry/registry'
import { Expectations } from '../../lib/remote/expected-contracts'
import { unavailableReason } from '../../lib/remote/call/unavailable-reason'
import { RemoteEvents } from '../../lib/remote/remote-events'
import { OtherEnvironments } from '../../lib/transport/cote/discovery/discovery-log'
import type { Packet } from '../../lib/transport/cote/discovery/hello'
import { KnownComponents, type KnownComponent } from '../../lib/transport/cote/discovery/known-components'
import type { CotePeer } from '../../lib/transport/cote/outbound/cote-peer'
import { Newcomers } from '../../lib/transport/cote/outbound/newcomers'
import { Hints } from '../../lib/transport/cote/outbound/hints'
import { LostNodes } from '../../lib/transport/cote/outbound/lost-nodes'
import type { OutboundConnection } from '../../lib/transport/cote/outbound/outbound-connection'
import type { PeerPlaces } from '../../lib/transport/cote/outbound/peer-places'
import { PeerReach } from '../../lib/transport/cote/outbound/peer-reach'
import { Places } from '../../lib/transport/cote/outbound/places'
import { Authority } from '../../lib/transport/cote/security/certificates/authority'
import { ReplayGuard } from '../../lib/transport/cote/security/hellos/replay-guard'
import { RequestEncoder } from '../../lib/transport/messages/request'
import { KnownLists } from '../../lib/transport/session/contracts/known-lists'
import { readSubscriptionAnswer } from '../../lib/transport/session/events/event-counts'
import { PendingCalls } from '../../lib/transport/session/requests/pending-calls'
import { ServedCalls } from '../../lib/transport/session/served-calls'
import { BareNode } from '../bare-node'
import { ScriptedMesh, ScriptedTransport, todos } from '../remote/scripted-transport'

const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n)

afterEach(() => {
  jest.useRealTimers()
  jest.restoreAllMocks()
})

/** Bounds of classes that no peer has to be there for: each gets more than it takes, by its default. */
describe('beyond its bound', () => {
  it('a node forgets the peer whose calls it counted longest ago', () => {
    const load = new ServedLoad({ maxInFlight: 80, maxInFlightBytes: 1 })
    const of = (node: string) => load.of({ proven: false, node, address: '127.0.0.1' })
    load.add(of('first'), 0)
    for (const n of upTo(999)) of(`other ${n}`)
    expect(of('first').calls).toBe(1)
    for (const n of upTo(1_000)) of(`another ${n}`)
    expect(of('first').calls).toBe(0)
  })

  it('no further request waits for a reply on a connection', () => {
    const pending = new PendingCalls()
    const handler = { settle: () => {}, fail: () => {} }
    const ids = upTo(2 ** 20).map(() => {
      if (pending.isFull) throw new Error('it is full already')
      return pending.add(handler)
    })
    expect(pending.isFull).toBe(true)
    expect(() => pending.add(handler)).toThrow(RangeError)
    expect(pending.take(ids[7] ?? NaN)).toBe(handler)
    expect(pending.isFull).toBe(false)
  })

  it('an encoder of requests forgets how they begin', () => {
    const encoder = new RequestEncoder()
    const encode = (n: number): void => void encoder.encode({ method: 'get', key: 'k', path: `p${n}`, id: 1 })
    for (const n of upTo(1_000)) encode(n)
    const written = jest.spyOn(JSON, 'stringify')
    encode(0)
    expect(written).not.toHaveBeenCalled()
    encode(1_000)
    encode(0)
    expect(written).toHaveBeenCalledTimes(2)
  })

  it('discovery knows no further component, nor longer ones', () => {
    const known = (iid: string, text = ''): KnownComponent => {
      const node = { name: 'feathers services responder', appUuid: iid, appDistributionKey: 'default' }
      const advertisement = { ...node, key: '$$default', axon_type: 'rep' }
      return { component: { iid, advertisement, address: '127.0.0.1' }, lastSeen: 0, way: 0, pid: 'p', text }
    }
    const many = new KnownComponents()
    expect(upTo(10_001).filter(n => !many.set(known(`node ${n}`)))).toEqual([10_000])
    const long = new KnownComponents()
    expect(long.set(known('node', 'x'.repeat(2 ** 16)))).toBe(false)
    const text = 'x'.repeat(2 ** 16 - 100)
    expect(upTo(300).filter(n => long.set(known(`node ${n}`, text)))).toHaveLength(256)
  })

  it('the replay guard forgets the sender that was silent for longest', () => {
    const guard = new ReplayGuard()
    for (const n of upTo(20_100)) guard.place(`node ${n}`, { at: 1, count: 1 })
    expect(guard.size).toBe(20_000)
  })

  it('an authority examines again the certificate that was shown longest ago', () => {
    const authority = new Authority([])
    const examine = jest.fn(() => ({ keys: ['k'], validFrom: 0, validTo: Infinity }))
    Reflect.set(authority, 'examine', examine)
    const judge = (n: number): unknown => authority.judge(Buffer.from(String(n)))
    for (const n of upTo(1_001)) judge(n)
    judge(1)
    expect(examine).toHaveBeenCalledTimes(1_001)
    judge(0)
    expect(examine).toHaveBeenCalledTimes(1_002)
  })

  it('nodes of no further environments are logged', () => {
    const written = jest.spyOn(createDebug, 'log').mockImplementation(() => {})
    createDebug.enable('feathers-mesh:cote')
    const others = new OtherEnvironments()
    const advertisement = { key: 'other:$$default' }
    for (const n of upTo(101)) others.report({ iid: `node ${n}`, advertisement } as Packet, '127.0.0.1', 'ours:')
    createDebug.disable()
    expect(written).toHaveBeenCalledTimes(100)
  })

  it('a memory network forgets the peers that were lost, and that returned, longest ago', async () => {
    const network = new MemoryNetwork()
    const consumer = await new BareNode(network.transport(), { id: 'consumer' }).start()
    consumer.transport.subscribe('todos')
    for (const n of upTo(1_001)) {
      await new BareNode(network.transport(), { id: `host ${n}`, contracts: [todos()] }).start()
      network.cut('consumer', `host ${n}`)
      network.join()
      network.kill(`host ${n}`)
    }
    const reunions = Reflect.get(consumer.transport, 'reunions') as Iterable<readonly [string, number]>
    const returned = new Set([...reunions].map(([id]) => id))
    expect([returned.size, returned.has('host 0'), returned.has('host 1000')]).toEqual([1_000, false, true])
    const { kept } = Reflect.get(consumer.transport, 'feeds') as { readonly kept: Map<string, unknown> }
    expect([kept.size, kept.has('host 0'), kept.has('host 1000')]).toEqual([1_000, false, true])
  })

  it('no lost node is looked for any longer', () => {
    jest.useFakeTimers()
    jest.spyOn(net, 'connect').mockImplementation(() => new net.Socket())
    const lost = new LostNodes(() => {})
    const advertisement = { name: 'any', key: '$$default', axon_type: 'rep', port: 9 }
    lost.add({ iid: 'gone', address: '127.0.0.1', advertisement }, true)
    jest.advanceTimersByTime(600_000)
    expect(jest.getTimerCount()).toBe(1)
    jest.advanceTimersByTime(2_000)
    expect(jest.getTimerCount()).toBe(0)
  })

  it('a place that failed longest ago is forgotten', () => {
    const places = new Places()
    upTo(20).forEach(() => places.failed('first'))
    for (const n of upTo(999)) places.failed(`other ${n}`)
    expect(places.mayTry('first', 'id')).toBe(false)
    places.failed('last')
    expect(places.mayTry('first', 'id')).toBe(true)
  })

  it('a newcomer that closes each connection is given up', () => {
    const reach = new PeerReach({} as PeerPlaces, {})
    const close = (): string | undefined => reach.whyGivenUp({} as OutboundConnection, true)
    expect([close(), close(), close()]).toEqual([undefined, undefined, expect.stringContaining('closes each')])
  })

  it('no further newcomers wait, at one place or in all', () => {
    const counted: string[] = []
    const meet = (count: number, port?: number): object => {
      const options = { onRejected: (reason: string) => void counted.push(reason), forget: () => {} }
      const newcomers = new Newcomers(options, 1)
      for (const n of upTo(count)) {
        newcomers.meet({ id: `node ${n}`, address: '127.0.0.1', port, start: () => ({}) as CotePeer })
      }
      newcomers.stop()
      return counted.splice(0)
    }
    expect([meet(5, 9), meet(6, 9)]).toEqual([[], ['crowdedOut']])
    expect([meet(1_001), meet(1_002)]).toEqual([[], ['crowdedOut']])
  })

  it('no further late hellos are followed in a turn, or wait', () => {
    const counted: string[] = []
    const options = { onRejected: (reason: string) => void counted.push(reason) }
    // Without any security it can't connect to them, which is contained.
    const hints = new Hints({ id: 'id', key: 'k' }, options as unknown as ConstructorParameters<typeof Hints>[1])
    const refuse = jest.fn()
    for (const n of upTo(1_030)) {
      const advertisement = { name: 'a', key: '$$default', axon_type: 'rep', port: n + 1 }
      hints.add({ component: { iid: `node ${n}`, address: '127.0.0.1', advertisement }, confirm: () => {}, refuse })
    }
    hints.stop()
    expect([counted, refuse.mock.calls.length]).toEqual([Array(25).fill('containedFault'), 5])
  })

  it('no further late hellos are followed at a time', () => {
    const dial = jest.fn(() => new net.Socket())
    const options = { security: { dial, credential: () => 'any' }, onRejected: () => {}, connectTimeout: 1_000 }
    const hints = new Hints({ id: 'id', key: 'k' }, options as unknown as ConstructorParameters<typeof Hints>[1])
    for (const n of upTo(20)) {
      const advertisement = { name: 'a', key: '$$default', axon_type: 'rep', port: n + 1 }
      const component = { iid: `node ${n}`, address: '127.0.0.1', advertisement }
      hints.add({ component, confirm: () => {}, refuse: () => {} })
    }
    expect(dial).toHaveBeenCalledTimes(16)
    hints.stop()
  })

  it('a connection drops the index of its requests when none is cancelled', () => {
    const calls = new ServedCalls({
      maxMessageSize: 1_000, maxInFlight: 1_000_000, serve: () => {}, send: () => {}, onRejected: () => {}
    }, true)
    const request = { method: 'get', key: 'k', path: 'p' }
    const serve = (n: number): void => calls.serve(n, request, { proven: false, address: '' })
    serve(0)
    calls.cancel('none')
    for (const n of upTo(1_024)) serve(n + 1)
    expect(Reflect.get(calls, 'index')).toHaveProperty('size', 1_025)
    serve(1_025)
    expect(Reflect.get(calls, 'index')).toBeUndefined()
  })

  it('messages name no further services, nodes or characters', () => {
    expect(namesOf(upTo(51).map(String))).toMatch(/ 49 and 1 more$/)
    expect([printable('x'.repeat(9_999)).length, printablePart('x'.repeat(9_999)).length]).toEqual([500, 100])
    const registry = new Registry()
    for (const n of upTo(20)) registry.join({ id: `host-${n}`, key: 'default', contracts: [todos()] })
    const reason = unavailableReason({ registry, transport: new ScriptedTransport() }, 'todos', 'none')
    expect(reason.match(/host-/g)).toHaveLength(10)
  })

  it('a gateway drops the service that was gone for longest', () => {
    const kept = new KeptServices()
    const keep = (path: string, members: number): void => kept.keep({ path, worth: 1, members } as PlacedService)
    for (const n of upTo(1_001)) keep(`path ${n}`, 1)
    expect([0, 1, 1_000].map(n => kept.take(`path ${n}`)?.path)).toEqual([undefined, 'path 1', 'path 1000'])
    const large = new KeptServices()
    for (const path of ['a', 'b']) large.keep({ path, worth: 1, members: 50_001 } as PlacedService)
    expect(['a', 'b'].map(path => large.take(path)?.path)).toEqual([undefined, 'b'])
  })

  it('clients can call no further names of methods', async () => {
    const names = new Set<string>()
    const socket = {
      listenerCount: () => 0, on: (name: string) => names.add(name), off: (name: string) => names.delete(name)
    }
    const app = { io: { sockets: { sockets: new Map([['id', socket]]) } } }
    const methods = new SocketMethods(app as unknown as ConstructorParameters<typeof SocketMethods>[0])
    methods.offer(upTo(10_001).map(String))
    await Promise.resolve()
    expect([names.size, names.has('0'), names.has('10000')]).toEqual([10_000, false, true])
  })

  it('further objects of an error are left out, with all that they hold', () => {
    const list = upTo(10_001).map(n => ({ n }))
    const hidden = new MeshDetails(() => ({})).hideIn(list) as unknown[]
    expect(hidden.filter(each => each !== undefined)).toHaveLength(9_999)
  })

  it('an error is looked for within 500 objects, and what is deeper is left out', () => {
    const detailed = { data: { code: 'MESH_TIMEOUT' } }
    const within = (levels: number): unknown => levels === 0 ? detailed : [within(levels - 1)]
    const deepest = (levels: number): unknown => {
      let value = new MeshDetails(() => 'the error for clients' as unknown as object).hideIn(within(levels))
      while (Array.isArray(value)) value = value[0]
      return value
    }
    expect([deepest(500), deepest(501)]).toEqual(['the error for clients', undefined])
  })

  it('the lists of contracts that were used longest ago are forgotten, and counted', () => {
    const rejected: string[] = []
    const known = new KnownLists(reason => rejected.push(reason))
    for (const hash of ['first', 'second', 'third', 'fourth']) {
      known.add({ hash, text: 'x'.repeat(20 * 2 ** 20), contracts: [] })
    }
    expect([known.get('first'), known.get('second')?.hash, known.bytes]).toEqual([undefined, 'second', 60 * 2 ** 20])
    expect(rejected).toEqual(['forgottenContracts'])
  })

  it('the registry forgets long names of nodes, and the keys of paths, that are oldest', () => {
    const seen = new LastSeenServices()
    for (const n of upTo(9)) seen.left(`path ${n}`, { id: 'x'.repeat(2 ** 20), key: 'k', contracts: [] })
    expect([seen.get('path 0'), seen.get('path 8')]).toEqual([undefined, expect.anything()])
    const tell = jest.fn()
    const keys = new PathKeys(new Map(), { tell } as unknown as ConstructorParameters<typeof PathKeys>[1])
    for (const n of upTo(10_001)) keys.left(`path ${n}`, 'one')
    keys.use('path 0', 'other')
    expect(tell).not.toHaveBeenCalled()
    keys.use('path 10000', 'other')
    expect(tell).toHaveBeenCalledTimes(1)
  })

  it('events forget the node that left longest ago', () => {
    const mesh = new ScriptedMesh()
    for (const n of upTo(1_001)) {
      mesh.join(`node ${n}`)
      mesh.remotes.events.leaves(`node ${n}`)
    }
    const leaving = Reflect.get(mesh.remotes.events, 'leaving') as Map<string, unknown>
    expect([leaving.size, leaving.has('node 0')]).toEqual([1_000, false])
  })

  it('events forget the nodes that left longest ago with many services, and what waited for them is done', () => {
    let services: readonly object[] = []
    const registry = { on: () => {}, servicesOf: () => services }
    const events = new RemoteEvents(registry as unknown as Registry, new ScriptedTransport(), PROCESS_LOG)
    const leave = (id: string, count: number): void => {
      services = upTo(count).map(n => ({ path: `${id}-${n}`, remotePath: `${n}`, hosts: [{ node: { id } }] }))
      events.leaves(id)
    }
    const done = jest.fn()
    leave('first', 1)
    events.whenEnded('first-0', done)
    for (const n of upTo(5)) leave(`large${n}`, 19_999)
    leave('last', 4)
    expect(done).not.toHaveBeenCalled()
    leave('one more', 1)
    expect(done).toHaveBeenCalledTimes(1)
  })

  it('a difference of contracts is kept no longer than it is shown', () => {
    const expectations = new Expectations(true)
    const find = { name: 'find', idempotent: true }
    expectations.add('todos', { className: 'T', contract: { ...todos(), methods: [find], version: '1' } })
    const methods = upTo(999).map(n => ({ ...find, name: `${'x'.repeat(90)}${n}` }))
    const { text } = expectations.differenceOf('todos', { ...todos(), version: '2', methods }) ?? { text: '' }
    expect(text).toHaveLength(340)
  })

  it('the token of a subscription is not kept', () => {
    const tokenOf = (length: number): unknown =>
      readSubscriptionAnswer({ counts: [], token: 'x'.repeat(length) }, new Set())?.token
    expect([tokenOf(100), tokenOf(101)]).toEqual([expect.any(String), undefined])
  })
})
