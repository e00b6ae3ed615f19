import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { DistributedModule, type Counters } from 'feathers-mesh'
import { TestProcesses, type TestProcess } from '../process'
import { CONTROL_IDS, CONTROL_METHODS, HostileContents } from '../transport/cote/hostile-contents'
import { repeat, seed } from '../transport/cote/under-fuzz'
import { FakeResponder, frame as frameOf, hello, seeded } from '../transport/cote/wire'
import { CALLER, HELLOS } from '../../lib/transport/session/control'
import { FrameParser } from '../../lib/transport/cote/wire/frame-parser'
import { readArgument } from '../../lib/transport/cote/wire/frame-argument'
import { freePort } from '../free-port'

const CONNECTIONS = 200
const AT_ONCE = 20
const FRAMES = 20
const ROUNDS = 160
const BROADCAST = '127.255.255.255'
const DISCOVERY_PORT = 12_500 + process.pid % 1_400
/** What a node may need more after half of it. */
const MOST_GROWTH = 12 * 1024 * 1024
/** Lines that a node may print: what it refuses. */
const EXPECTED = /^$|SecurityWarning: feathers-mesh refused|--trace-warnings/

const strict = { NODE_OPTIONS: '--unhandled-rejections=strict' }
const printedBy = ({ printed }: TestProcess): string[] => printed.split('\n').filter(line => !EXPECTED.test(line))

describe(`a host under well-formed requests with hostile contents (seed ${seed})`, () => {
  const processes = new TestProcesses('all')
  const contents = new HostileContents(seeded(seed))
  let client: DistributedModule | undefined

  afterAll(async () => await client?.stop())

  it('keeps answering an honest node, survives, counts, and keeps nothing', async () => {
    const port = await freePort()
    const cote = { port: DISCOVERY_PORT, environment: `contents-${process.pid}` }
    const host = await processes.run('bounded-host', {
      ...strict, HOST_OPTIONS: JSON.stringify({ cote: { ...cote, basePort: port } })
    })
    await host.ask('start')
    client = DistributedModule.forRoot({ cote, remotes: ['jobs'], drainTimeout: 1_000 })
    await client.start()
    const jobs = client.app.service('jobs')
    const attack = async (): Promise<void> => {
      const socket = connect(port, '127.0.0.1').on('error', () => {}).resume()
      const closed = new Promise<void>(resolve => { socket.once('close', () => resolve()) })
      for (let n = 0; n < FRAMES; n++) socket.write(n % 2 === 0 ? contents.control() : contents.call())
      socket.end()
      await closed
    }
    expect(await jobs.find()).toBe('found')
    await repeat(CONNECTIONS / 2, AT_ONCE, attack)
    await host.ask('release')
    const { used } = await host.ask<{ used: number }>('memory')
    let isOver = false
    const calling = (async () => { while (!isOver) expect(await jobs.find()).toBe('found') })()
    await repeat(CONNECTIONS / 2, AT_ONCE, attack)
    isOver = true
    await calling
    const counters = await host.ask<Counters>('counters')
    expect([counters.malformedFrame > 0, counters.notOffered > 0]).toEqual([true, true])
    expect((await host.ask<{ used: number }>('memory')).used - used).toBeLessThan(MOST_GROWTH)
    expect([...contents.made]).toEqual(expect.arrayContaining([...CONTROL_METHODS]))
    expect(await host.stop()).toBe(0)
    expect(printedBy(host)).toEqual([])
  }, 120_000)
})

describe(`a caller under replies and events with hostile contents (seed ${seed})`, () => {
  const processes = new TestProcesses('all')
  const contents = new HostileContents(seeded(seed))
  const udp: UdpSocket = createSocket({ type: 'udp4', reuseAddr: true })
  let fake: FakeResponder | undefined
  let listed: FakeResponder | undefined

  afterAll(async () => {
    udp.close()
    await Promise.all([fake?.close(), listed?.close()])
  })

  let introductions = 0
  let calls = 0
  /** What the node at the listed place was asked. */
  const asked = new Set<string>()

  /** What a caller sends, with the id that it wants an answer for. */
  function onRequest (socket: Socket, treat: (type: string, requestId: string) => void): void {
    const parser = new FrameParser(frame => {
      const request = readArgument(frame, 0) as { type?: string } | null
      treat(request?.type ?? '', `s:${String(readArgument(frame, frame.count - 1))}`)
    }, 2 ** 24)
    socket.on('data', chunk => parser.push(chunk))
  }

  /** Says who it is where the caller looks for a node by a list, and tells anything from then on. */
  function tell (socket: Socket, id: string): void {
    onRequest(socket, (type, requestId) => {
      asked.add(type)
      if (type === CALLER) socket.write(frameOf('j:null', `j:${JSON.stringify({ id })}`, requestId))
      if (type !== HELLOS || requestId === 's:!') return
      socket.write(frameOf('j:null', 'j:{"hellos":[]}', requestId))
      for (let n = 0; n < FRAMES; n++) socket.write(contents.told(n % 2 === 0 ? '!hellos' : undefined))
    })
  }

  /** Answers contracts as an honest node does, and everything else as it likes. */
  function answer (socket: Socket, id: string): void {
    const contract = { path: 'odd', methods: [{ name: 'get', idempotent: false }], events: ['created', 'updated'] }
    onRequest(socket, (type, requestId) => {
      if (requestId === 's:!') return
      if (type === 'mesh:contracts') {
        const reply = { id, revision: 0, contracts: [contract], now: Date.now() }
        socket.write(frameOf('j:null', `j:${JSON.stringify(reply)}`, requestId))
      } else if (type.startsWith('mesh:')) {
        // Now and then only: a connection whose introduction has such an answer serves no calls.
        if (++introductions % 4 === 0) socket.write(contents.controlReply(requestId))
        else socket.write(frameOf('j:null', 'j:true', requestId))
      } else {
        for (let n = 0; n < 3; n++) socket.write(contents.event('odd'))
        // A goodbye now and then only: nothing is called by that connection any more.
        if (++calls % 40 === 0) socket.write(contents.told('!goodbye'))
        else if (calls % 4 === 0) socket.write(contents.told(calls % 8 === 0 ? '!clock' : '!hellos'))
        socket.write(contents.reply(requestId))
      }
    })
  }

  it('goes on calling an honest host, survives, counts, and keeps nothing', async () => {
    const cote = { port: DISCOVERY_PORT, environment: `replies-${process.pid}` }
    listed = new FakeResponder(socket => tell(socket, `listed-${process.pid}`))
    const discovery = [`broadcast://${BROADCAST}`, `static://127.0.0.1:${await listed.listen()}`]
    const options = { HOST_OPTIONS: JSON.stringify({ cote }) }
    const listing = { HOST_OPTIONS: JSON.stringify({ cote: { ...cote, discovery } }) }
    const [host, caller] = await Promise.all([
      processes.run('bounded-host', { ...strict, ...options }), processes.run('fuzz-caller', { ...strict, ...listing })
    ])
    await host.ask('start')
    const iid = `hostile-${process.pid}`
    fake = new FakeResponder(socket => answer(socket, iid))
    const port = await fake.listen()
    await once(udp.bind({ port: DISCOVERY_PORT, address: BROADCAST }), 'listening')
    udp.setBroadcast(true)
    const greeting = Buffer.from(JSON.stringify(hello(iid, cote.environment, port)))
    const greet = (): void => udp.send(greeting, DISCOVERY_PORT, BROADCAST)
    const round = async (): Promise<void> => {
      // It may have lost the connection, and has to find the node again.
      greet()
      expect(await caller.ask('callOdd', 10)).toBe(10)
      expect(await caller.ask('callHonest')).toBe('found')
    }
    const greetings = setInterval(greet, 50)
    await caller.ask('start').finally(() => clearInterval(greetings))
    await repeat(ROUNDS / 2, 2, round)
    const before = await caller.ask<number>('memory')
    await repeat(ROUNDS / 2, 2, round)
    expect(await caller.ask<number>('events')).toBeGreaterThan(0)
    expect((await caller.ask<Counters>('counters')).malformedFrame).toBeGreaterThan(0)
    expect(await caller.ask<number>('memory') - before).toBeLessThan(MOST_GROWTH)
    expect(await caller.ask('polluted')).toBe(false)
    expect([[...contents.made].sort(), asked.has(HELLOS)]).toEqual([[...CONTROL_IDS].sort(), true])
    expect(await caller.stop()).toBe(0)
    expect(printedBy(caller)).toEqual([])
  }, 200_000)
})
