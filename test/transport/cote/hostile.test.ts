import type { Socket } from 'node:net'
import type { NodeInfo } from '../../../lib/module/distributed-module'
import type { TestProcess } from '../../process'
import { TestProcesses } from '../../process'
import { until } from '../../until'
import { DiscoveryPort, FakeResponder, frame, hello, randomBytes, sayTo, seeded } from './wire'

// Another one for each run finds more; the name of the test says which one it was.
const seed = Date.now() % 1_000_000

/** That it refuses messages which are too long is what a node is to say. */
const QUIET = { NODE_OPTIONS: '--disable-warning=FEATHERS_MESH_REFUSED' }

describe('a host and a consumer that exit on any unhandled error', () => {
  let discovery: DiscoveryPort
  let environment: string
  let host: TestProcess
  let consumer: TestProcess
  let hostId: string
  let port: number

  /** A group of tests with one such pair; after them, both must exit on their own without any output. */
  function describePair (what: string, tests: () => void): void {
    describe(what, () => {
      const processes = new TestProcesses('all')

      beforeAll(async () => {
        discovery = new DiscoveryPort()
        await discovery.open()
        ;[host, consumer] = await Promise.all([processes.run('host', QUIET), processes.run('consumer', QUIET)])
        await Promise.all([host.ask('start'), consumer.ask('start')])
        hostId = await host.ask<string>('id')
        const { data: { advertisement } } = await discovery.answerOf(hostId)
        port = advertisement.port
        environment = advertisement.key.split(':')[0]
      })
      afterAll(async () => await discovery.close())

      tests()

      it('exit cleanly at the end without having printed anything', async () => {
        expect([await consumer.stop(), await host.stop()]).toEqual([0, 0])
        expect([host.printed, consumer.printed]).toEqual(['', ''])
      })
    })
  }

  async function callsAreAnswered (): Promise<void> {
    const answer = { value: { id: 7, title: 'Water the plants', replica: 'A' } }
    const outcomes = await consumer.ask('calls', { method: 'get', args: [7], times: 5 })
    expect(outcomes).toEqual([answer, answer, answer, answer, answer])
  }

  /** The ids of the nodes that the consumer knows besides itself. */
  async function others (): Promise<string[]> {
    return (await consumer.ask<NodeInfo[]>('nodes')).filter(({ local }) => !local).map(({ id }) => id)
  }

  async function allIsWell (): Promise<void> {
    await callsAreAnswered()
    expect(await others()).toEqual([hostId])
  }

  describePair('under malformed discovery packets', () => {
    async function ignored (packets: ReadonlyArray<Parameters<DiscoveryPort['send']>[0]>): Promise<void> {
      const consumerId = (await consumer.ask<NodeInfo[]>('nodes'))[0].id
      for (const packet of packets) {
        await discovery.send(packet)
        // Twice: the second time, a node that took the first one looks for what has changed.
        await discovery.send(packet)
      }
      await discovery.answerOf(hostId)
      await discovery.answerOf(consumerId)
      await allIsWell()
    }

    it(`ignore random bytes (seed ${seed})`, async () => {
      const random = seeded(seed)
      await ignored(Array.from({ length: 100 }, () => randomBytes(random, Math.floor(random() * 2_000))))
    })

    it('ignore JSON that is not a packet', async () => {
      await ignored([
        Buffer.alloc(0), Buffer.from('{'), Buffer.from('\u0000'), Buffer.from('nul'),
        null, 0, '', 'hello', [], [[]], {}, { event: 'hello' }, { iid: 'x' }, { event: null, iid: null },
        { event: ['hello'], iid: ['x'] }, { event: 'hello', iid: {} }, { event: 'hello', iid: 'x', data: null },
        { event: 'hello', iid: 'x', data: [] }, { event: 'hello', iid: 'x', data: { advertisement: null } },
        { event: 'goodbye', iid: 'x' }, { event: 'unheard of', iid: 'x', data: 1 }
      ])
    })

    it('ignore hellos with fields of the wrong type and invalid ports', async () => {
      const withFields = (fields: object): object => {
        const packet = hello('stranger', environment, 1) as { data: { advertisement: object } }
        return { ...packet, data: { advertisement: { ...packet.data.advertisement, ...fields } } }
      }
      await ignored([
        ...[0, -1, 70_000, 1.5, 'x', '80', null, [80], {}, true].map(value => withFields({ port: value })),
        ...[null, 1, [], {}].flatMap(value => [
          withFields({ key: value }), withFields({ axon_type: value }), withFields({ namespace: value }),
          withFields({ appUuid: value }), withFields({ appDistributionKey: value }), withFields({ name: value })
        ]),
        ...[null, 1, 'x', [], {}, { version: 1 }, { version: '1', revision: 0 }, { version: 1, revision: null }]
          .map(value => withFields({ mesh: value }))
      ])
    })

    it('ignore hellos that use the names of object members as keys', async () => {
      const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty']
      const polluting = (name: string): Buffer => Buffer.from(
        `{"event":"hello","iid":"${name}","__proto__":{"polluted":1},"data":{"__proto__":{"polluted":1},` +
        `"advertisement":{"key":"${environment}:$$default","axon_type":"rep","appUuid":"${name}","port":1,` +
        '"__proto__":{"polluted":1},"mesh":{"version":1,"revision":0,"__proto__":{"version":1}}}}}'
      )
      await ignored(names.flatMap(name => [
        polluting(name), { event: name, iid: name }, { event: 'goodbye', iid: name }
      ]))
    })

    it('ignore packets of the maximal size and depth', async () => {
      const deep = '['.repeat(30_000) + ']'.repeat(30_000)
      const [before, after] = JSON.stringify(hello('deep', environment, 1)).split('"port":1')
      await ignored([
        Buffer.alloc(65_000, 0x5b), Buffer.alloc(65_000), Buffer.from(deep), 'x'.repeat(65_000),
        Buffer.from(`${before}"port":1,"more":${deep}${after}`),
        hello('x'.repeat(30_000), environment, 1)
      ])
    })

    it('give up on an announced node when nobody listens at its address', async () => {
      await ignored([1, 2, 3].map(number => hello(`nobody-${number}`, environment, number)))
    })
  })

  describePair('under malformed frames', () => {
    const request = JSON.stringify({ type: 'get', key: 'default', path: 'todos', id: 1 })
    const overlong = Buffer.from([0x12, 0xff, 0xff, 0xff, 0xff, 0x6a, 0x3a])

    it.each<[string, Buffer]>([
      ['another version', Buffer.from([0x20, 0, 0, 0, 0])],
      ['a frame without arguments', Buffer.from([0x10])],
      ['an argument of 4 GB', overlong],
      ['two arguments whose total is too long', Buffer.concat([
        Buffer.from([0x13, 0, 0xff, 0xff, 0xff]), Buffer.alloc(0xffffff), Buffer.from([0, 0, 0xff, 0xff])
      ])],
      ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
      ['a TLS ClientHello', Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3])],
      ['truncated JSON', frame('j:{', 's:1')],
      ['JSON null', frame('j:null', 's:1')],
      ['a JSON number', frame('j:7', 's:1')],
      ['a JSON list', frame('j:[]', 's:1')],
      ['JSON without a type', frame('j:{}', 's:1')],
      ['JSON with a type that is not a string', frame('j:{"type":["get"]}', 's:1')],
      ['a string in place of JSON', frame('s:get', 's:1')],
      ['bytes in place of JSON', frame('get', 's:1')],
      ['an empty argument', frame('', 's:1')],
      ['no id', frame(`j:${request}`)],
      ['an id that is not a string', frame(`j:${request}`, 'j:1')],
      ['an empty id', frame(`j:${request}`, '')],
      ['invalid UTF-8', Buffer.concat([frame('j:"', 's:1'), Buffer.from([0xff, 0xfe])])],
      ['a valid frame followed by garbage', Buffer.concat([frame(`j:${request}`, 's:1'), Buffer.from('garbage')])]
    ])('close the connection that sends %s, and answer others', async (_what, bytes) => {
      await sayTo(port, bytes)
      await allIsWell()
    })

    it('close a connection that ends in the middle of a frame, at any byte', async () => {
      const whole = frame(`j:${request}`, 's:1')
      await Promise.all(Array.from({ length: whole.length }, async (_, length) => {
        expect((await sayTo(port, whole.subarray(0, length), { end: true })).length).toBe(0)
      }))
      await allIsWell()
    })

    it(`answer others while strangers send random bytes (seed ${seed})`, async () => {
      const random = seeded(seed)
      const strangers = Array.from({ length: 50 }, async (_, n) => {
        // Half of them begin as a frame does, or nearly all would end at the first byte.
        const bytes = randomBytes(random, 1 + Math.floor(random() * 5_000))
        if (n % 2 === 0) Buffer.from([0x12, 0, 0, 0, Math.floor(random() * 40)]).copy(bytes)
        await sayTo(port, bytes, { end: true })
      })
      await Promise.all([...strangers, callsAreAnswered()])
      await allIsWell()
    })

    it(`answer others while strangers send frames with one corrupt byte (seed ${seed})`, async () => {
      const random = seeded(seed)
      await Promise.all(Array.from({ length: 50 }, async () => {
        const bytes = frame(`j:${request}`, 's:1')
        bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256)
        await sayTo(port, bytes, { end: true })
      }))
      await allIsWell()
    })
  })

  describePair('under meaningless requests', () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'then', 'hooks', 'setup', 'emit', '', '/']

    it.each<[string, object]>([
      ...names.map((name): [string, object] => [`the method '${name}'`, { type: name, path: 'todos' }]),
      ...names.map((name): [string, object] => [`the path '${name}'`, { type: 'find', path: name }]),
      ['no path', { type: 'get' }],
      ['a list as its path', { type: 'get', path: ['todos'] }],
      ['a path that cannot become a string', { type: 'get', path: { toString: 1, valueOf: 1 } }],
      ['an unknown path for a healthcheck', { type: 'healthcheck', path: '__proto__' }]
    ])('reply NotFound to a request with %s', async (_what, request) => {
      const answer = await sayTo(port, frame(`j:${JSON.stringify(request)}`, 's:the-id'), { end: true })
      expect(answer.toString()).toMatch(/j:\{"name":"NotFound".*"code":404.*s:the-id$/s)
      await allIsWell()
    })

    it('ignore params of the wrong type', async () => {
      const kinds = ['null', '7', '"text"', '[1]', '{"__proto__":{"x":1}}', '{"query":null,"fromRemote":false}']
      for (const params of kinds) {
        const bytes = frame(`j:{"type":"get","path":"todos","id":1,"params":${params}}`, 's:the-id')
        expect((await sayTo(port, Buffer.concat([bytes, Buffer.from([0])]))).toString()).not.toContain('error')
      }
      await allIsWell()
    })

    it('ignore subscriptions to anything other than a list of paths', async () => {
      for (const data of ['null', '7', '{}', '"todos"', '[null,{},["todos"]]']) {
        const bytes = frame(`j:{"type":"mesh:listen","key":"default","path":"","data":${data}}`, 's:the-id')
        await sayTo(port, bytes, { end: true })
      }
      await allIsWell()
    })
  })

  describePair('in the presence of a hostile node', () => {
    let fake: FakeResponder | undefined
    let fakes = 0
    let fakeId: string

    beforeEach(() => { fakeId = `fake-${++fakes}` })
    afterEach(async () => {
      if (fake === undefined) return
      await discovery.send({ event: 'goodbye', iid: fakeId })
      await consumer.until('the host alone', async () => (await others()).join() === hostId)
      await fake.close()
      fake = undefined
    })

    /** Announces a node, and waits until this number of connections to it were made. */
    async function announce (treat: (socket: Socket) => void, times = 1): Promise<FakeResponder> {
      const responder = new FakeResponder(treat)
      fake = responder
      const fakePort = await responder.listen()
      // A node that gives up takes a new hello for a new chance.
      await until(`${times} connections`, async () => {
        await discovery.send(hello(fakeId, environment, fakePort))
        return responder.connections.length >= times
      })
      return responder
    }

    /** What a node says of what it hosts. */
    const offer = (...contracts: unknown[]): object => ({ revision: 0, now: Date.now(), contracts })
    const isKnown = (): Promise<unknown> => consumer.until('the node', async () => (await others()).length === 2)

    /** Answers the first request, the one for contracts, and treats what comes then in its own way. */
    function answering (contracts: unknown, then: (socket: Socket, request: string) => void) {
      return (socket: Socket): void => {
        let asked = false
        socket.on('data', chunk => {
          const request = chunk.toString()
          const id = /s:([^:]*)$/.exec(request)?.[1] ?? ''
          if (asked) return then(socket, request)
          asked = true
          socket.write(frame('j:null', `j:${JSON.stringify(contracts)}`, `s:${id}`))
          then(socket, '')
        })
      }
    }

    it.each<[string, (socket: Socket) => void]>([
      ['closes each connection', socket => socket.destroy()],
      ['closes each connection on the first request', socket => socket.on('data', () => socket.end())],
      ['never answers', socket => socket.resume()],
      ['sends random bytes', socket => socket.write(randomBytes(seeded(seed), 1_000))],
      ['sends truncated JSON', socket => socket.write(frame('j:{', 's:0'))],
      ['answers without a request', socket => socket.write(Buffer.concat(['7', '-1', 'x', '', '__proto__', '1e308'].map(
        id => frame('j:null', 'j:{}', `s:${id}`)
      )))],
      ['answers without an id', socket => socket.write(frame('j:null'))],
      ['sends malformed events', socket => socket.write(Buffer.concat([
        frame('j:{"path":"todos"}', 's:!event'), frame('j:null', 's:!event'), frame('s:x', 's:!event')
      ]))],
      ['sends events of services that it does not host', socket => socket.write(Buffer.concat([
        frame('j:{"path":"__proto__","event":"created","args":[{}]}', 's:!event'),
        frame('j:{"path":"elsewhere","event":"created","args":[]}', 's:!event'),
        frame('j:{"path":"elsewhere","event":"error","args":[],"context":7}', 's:!event')
      ]))],
      ['says goodbye immediately', socket => socket.write(frame('j:null', 's:!goodbye'))],
      ['answers with a malformed error', socket => socket.on('data', () => {
        socket.write(frame('j:{"message":7}', 's:0'))
      })]
    ])('answer and call as before when it %s', async (_what, treat) => {
      await announce(treat, 2)
      await allIsWell()
    })

    it.each<[string, unknown]>([
      ['null', null],
      ['a list', []],
      ['contracts without a revision', { now: 0, contracts: [] }],
      ['contracts without a time', { revision: 0, contracts: [] }],
      ['contracts with an invalid time', { revision: 0, now: 'noon', contracts: [] }],
      ['contracts that are not a list', { revision: 0, now: 0, contracts: { length: 1 } }],
      ['invalid contracts', {
        revision: 0,
        now: 0,
        contracts: [
          null, 7, [], {}, { path: 'todos' },
          { path: '', methods: [], events: [] }, { path: 'x', methods: [null], events: [] }
        ]
      }]
    ])('answer and call as before when it offers %s', async (_what, contracts) => {
      const asked: string[] = []
      await announce(answering(contracts, (_socket, request) => asked.push(request)))
      await until('its answer', () => asked.length > 0)
      await callsAreAnswered()
    })

    const method = { name: 'get', idempotent: true }
    it.each<[string, object]>([
      ['on the path __proto__', { path: '__proto__', methods: [method], events: ['created'] }],
      ['on the path constructor', { path: 'constructor', methods: [method], events: ['created'] }],
      ['with methods that Feathers reserves', {
        path: 'x',
        methods: ['on', 'emit', 'hooks', 'setup', 'constructor', '__proto__'].map(name => ({ name, idempotent: true })),
        events: []
      }],
      ['with events of any name', { path: 'x', methods: [method], events: ['error', '__proto__', 'newListener'] }],
      ['with an invalid timeout', { path: 'x', methods: [{ ...method, timeout: -1 }], events: [] }]
    ])('answer and call as before when it offers a service %s', async (_what, contract) => {
      const responder = await announce(answering(offer(contract), () => {}))
      await until('it to be known, or given up', async () => {
        return (await others()).length === 2 || responder.connections.some(connection => connection.closed)
      })
      await callsAreAnswered()
    })

    it('lose no idempotent call when it offers the same service and closes each connection at a call', async () => {
      const contract = { path: 'todos', methods: [method], events: [] }
      await announce(answering(offer(contract), (socket, request) => {
        if (request.includes('"get"')) socket.destroy()
      }))
      await isKnown()
      await callsAreAnswered()
    })

    it('forget it at its goodbye when its announced id differs from its id in packets', async () => {
      const contract = { path: 'x', methods: [method], events: [] }
      const responder = fake = new FakeResponder(answering(offer(contract), () => {}))
      const { data, ...packet } = hello('another', environment, await responder.listen())
      await discovery.send({ ...packet, data, iid: fakeId })
      await isKnown()
    })
  })
})
