import assert from 'node:assert/strict'
import { TransportError } from '../../transport/transport'
import { created, echo, numbers, outcome, subscribed, TODOS, until, valueOf, type Nodes } from '../conformance-nodes'
import type { ConformanceNode, Sent } from '../conformance-node'
import type { NamedTest } from './named-test'

/** Names that every JavaScript object has a value for, and others that are no names. */
const NAMES = [
  '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'then', '', ' ', '\0', '../todos', '\ud800', '🎉'
]

/** Sends, and is content with an error where that can't be encoded. */
function sendAnyhow (node: ConformanceNode, request: Parameters<ConformanceNode['send']>[1]): Sent | undefined {
  try {
    return node.send('host', request)
  } catch (error) {
    assert.ok(error instanceof Error)
    return undefined
  }
}

/** A host that has two peers: one that misbehaves, and one that must not notice. */
async function trio (nodes: Nodes): Promise<readonly [host: ConformanceNode, hostile: ConformanceNode, Bystander]> {
  const host = await nodes.start('host', [TODOS])
  echo(host)
  const bystander = await nodes.consumer(host, 'bystander')
  await subscribed(host, bystander)
  return [host, await nodes.consumer(host, 'hostile'), new Bystander(host, bystander)]
}

class Bystander {
  private lastNumber = 0

  constructor (private readonly host: ConformanceNode, private readonly node: ConformanceNode) {}

  /** Fails where another peer has harmed the host, or this one. */
  async goesOn (): Promise<void> {
    const n = ++this.lastNumber
    assert.equal(await valueOf(this.node.send('host', { data: n })), n)
    this.host.transport.publish(created(n))
    await until('an event', () => numbers(this.node).at(-1) === n)
    assert.ok(this.node.departures.every(([id]) => id !== this.host.id), 'they lost each other')
    assert.equal(Reflect.get({}, 'polluted'), undefined)
  }
}

/** Inputs that no form of message has, whatever the form is; the same in each run. */
function rubbish (): Buffer[] {
  const noise = Buffer.alloc(4_096)
  // A linear congruential generator: any numbers do that are the same tomorrow.
  for (let at = 0, state = 1; at < noise.length; at++) {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    noise[at] = state >>> 16
  }
  const texts = [
    '\n\n\n', 'GET / HTTP/1.1\r\nhost: x\r\n\r\n', 'null\n', '[]\n', '{}\n', '"text"\n', '1e999\n',
    `${'['.repeat(50_000)}\n`, '{"__proto__":{"polluted":1}}\n',
    '{"id":{},"type":[],"method":{},"path":null,"key":7}\n', '{"type":',
    // Neither a text nor a number can be made of these.
    '{"toString":1,"valueOf":1}\n', '[{"toString":1},{"toString":1,"valueOf":1},{"toString":1,"valueOf":1}]\n'
  ]
  return [
    Buffer.alloc(0), Buffer.alloc(1), Buffer.alloc(10_000), Buffer.alloc(10_000, 0xff), noise,
    ...texts.map(text => Buffer.from(text)),
    ...Array.from({ length: 32 }, (_, n) => noise.subarray(n * 128, n * 128 + 9))
  ]
}

/** What peers can send that no node of this package would. */
export const hostilePeerTests: readonly NamedTest[] = [
  ['names that every object has are names as any other', async nodes => {
    const [host, hostile, bystander] = await trio(nodes)
    for (const name of NAMES) {
      const request = { method: name, path: name, key: name, id: name, params: { [name]: name, query: { [name]: 1 } } }
      const sent = sendAnyhow(hostile, { ...request, data: Object.fromEntries([[name, { polluted: 1 }]]) })
      if (sent !== undefined) await outcome(sent)
    }
    for (const { request: { path, data = {} } } of host.calls) {
      assert.equal(typeof path, 'string')
      if (typeof data === 'object') assert.equal(Object.getPrototypeOf(data), Object.prototype)
    }
    await bystander.goesOn()
  }],
  ['a node whose id is a name that every object has is a node as any other', async nodes => {
    const [host, , bystander] = await trio(nodes)
    const strange = await nodes.consumer(host, '__proto__')
    await until('it to be known', () => host.peers.has('__proto__'))
    assert.equal(await valueOf(strange.send('host', { data: 'heard' })), 'heard')
    await strange.transport.stop(0)
    await until('it to be gone', () => !host.peers.has('__proto__'))
    await bystander.goesOn()
  }],
  ['values with traps in them arrive without effect, or fail where they are sent', async nodes => {
    const [, hostile, bystander] = await trio(nodes)
    let deep: unknown = 'bottom'
    for (let depth = 0; depth < 20_000; depth++) deep = [deep]
    const traps: unknown[] = [
      JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'), deep,
      { then: 'not a promise' }, { toJSON: 1 }, { length: 2 ** 32 }, Object.assign([], { polluted: 1 }), /(a+)+$/,
      new Date(NaN), new Error('thrown', { cause: new Map([[{}, {}]]) }), '\ud800', -0, 2n ** 100n
    ]
    for (const data of traps) {
      const sent = sendAnyhow(hostile, { data })
      if (sent !== undefined) await outcome(sent)
    }
    await bystander.goesOn()
  }],
  ['errors with traps in them end their own call and nothing else', async nodes => {
    const [host, hostile, bystander] = await trio(nodes)
    const refuse = (): never => { throw new Error('a trap') }
    const circle = Object.assign(new Error('circle'), { data: {} })
    Object.assign(circle.data, { circle })
    const traps: unknown[] = [
      circle, Object.defineProperty(new Error('x'), 'message', { get: refuse }), { toJSON: refuse },
      Object.assign(new Error('x'), { name: '__proto__', className: 'constructor', code: NaN, data: [() => {}] }),
      Object.assign(new Error('x'), { type: 'FeathersError', toJSON: 7, errors: refuse }), Symbol('x'), () => {}
    ]
    for (const trap of traps) {
      host.answer = call => call.reply(trap)
      const { error } = await outcome(hostile.send('host'))
      assert.ok(error !== null && !(error instanceof TransportError), `it arrives as ${String(error)}`)
    }
    echo(host)
    await bystander.goesOn()
  }],
  ['a peer that asks, cancels and leaves without end keeps nobody from being served', async nodes => {
    const [host, hostile, bystander] = await trio(nodes)
    host.answer = call => {
      if (call.caller?.node !== 'hostile') call.reply(null, call.request.data)
    }
    for (let round = 0; round < 5; round++) {
      const sent = Array.from({ length: 200 }, (_, n) => hostile.send('host', { data: n }))
      for (const { id } of [...sent, ...sent]) hostile.transport.cancel('host', id)
      await bystander.goesOn()
    }
    await hostile.transport.stop(0)
    for (const call of host.calls) if (call.caller?.node === 'hostile') call.reply(null, 'too late')
    await bystander.goesOn()
  }],
  ['a peer that subscribes and unsubscribes without end keeps nobody from getting events', async nodes => {
    const [host, hostile, bystander] = await trio(nodes)
    for (let n = 0; n < 1_000; n++) {
      hostile.transport.subscribe(`todos/${n}`)
      hostile.transport.subscribe(NAMES[n % NAMES.length])
      hostile.transport.subscribe('todos')
      hostile.transport.unsubscribe('todos')
    }
    await bystander.goesOn()
    await subscribed(host, hostile)
    await bystander.goesOn()
  }],
  ['bytes that are no message reach no service, and calls of others go on', async nodes => {
    const [host, , bystander] = await trio(nodes)
    const inject = nodes.hook('inject')
    for (const bytes of rubbish()) await inject('host', bytes)
    await bystander.goesOn()
    await inject('bystander', Buffer.concat(rubbish()))
    await bystander.goesOn()
    assert.deepEqual(host.calls.map(({ caller }) => caller?.node), ['bystander', 'bystander'])
  }, ['inject']],
  ['messages with faults in them end their own connection at most, and calls of others go on', async nodes => {
    const [host, hostile, bystander] = await trio(nodes)
    const inject = nodes.hook('inject')
    for (const bytes of nodes.hook('malformed')) {
      for (const node of ['host', 'bystander']) await inject(node, bytes)
      await bystander.goesOn()
    }
    assert.equal(await valueOf(hostile.send('host', { data: 'also goes on' })), 'also goes on')
    assert.ok(host.peers.has('bystander'), 'they still know each other')
  }, ['inject', 'malformed']]
]
