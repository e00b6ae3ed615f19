import { connect, type Socket } from 'node:net'
import { DistributedModule, type Counters, type DistributedModuleOptions, type RejectionReason } from 'feathers-mesh'
import { TestProcesses, type TestProcess } from '../process'
import { frame } from '../transport/cote/wire'
import { until } from '../until'
import { freePort } from '../free-port'
import { RawConnection } from './raw-connection'

/** A node goes beyond none of its bounds with so much memory for its heap. */
const HEAP_MB = 80
const MB = 1024 * 1024
/** What the process keeps of memory that is free again, in megabytes. */
const KEPT_MB = 16
/** A quarter of the defaults, in all of them: as many messages are beyond them, and each has less text. */
const BOUNDS = {
  maxInFlightBytes: 32 * MB,
  cote: {
    maxMessageSize: 4 * MB,
    maxBacklog: 8 * MB,
    maxTotalBacklog: 64 * MB,
    maxUnfinishedBytes: 32 * MB,
    maxInFlightBytesPerConnection: 16 * MB
  }
}
/** The characters of a message that is nearly as long as one may be. */
const LONG = 3_750_000
const DISCOVERY_PORT = 18_000 + process.pid % 2_000

interface Memory {
  /** Bytes in use, garbage apart. */
  readonly used: number
  readonly rss: number
}

interface Attacked {
  readonly host: TestProcess
  readonly port: number
  /** Another node, which calls it. */
  readonly caller: DistributedModule
}

/** The host that is attacked, and what the attack has opened. */
class Attack {
  readonly raw: RawConnection[] = []
  readonly sockets: Socket[] = []

  constructor (readonly host: TestProcess, private readonly port: number) {}

  readonly clients = async (count: number): Promise<RawConnection[]> => {
    const clients = await Promise.all(Array.from({ length: count }, async () => await RawConnection.to(this.port)))
    this.raw.push(...clients)
    return clients
  }

  /** A connection that is neither read nor parsed. */
  open (): Socket {
    const socket = connect(this.port, '127.0.0.1').setNoDelay().on('error', () => {})
    this.sockets.push(socket)
    return socket
  }

  /** Connections that each send one message, and read nothing. */
  async deaf (count: number, message: Buffer): Promise<void> {
    for (let n = 0; n < count; n++) await written(this.open().pause(), message)
  }

  async counted (reason: RejectionReason, times = 1): Promise<void> {
    await until(reason, async () => (await this.host.ask<Counters>('counters'))[reason] >= times, 60_000)
  }

  async memory (): Promise<Memory> {
    return await this.host.ask('memory')
  }

  end (): void {
    for (const { socket } of this.raw) socket.destroy()
    for (const socket of this.sockets) socket.destroy()
  }
}

const request = (type: string, data: string, path = 'jobs'): string =>
  `j:{"type":"${type}","key":"default","path":"${path}","data":${data}}`
const text = (bytes: number): string => `{"text":"${'x'.repeat(bytes)}"}`
const written = async (socket: Socket, bytes: Buffer): Promise<void> =>
  await new Promise(resolve => { socket.write(bytes, () => resolve()) })

interface Row {
  /** What is done to the node; it goes on while the honest node calls. */
  readonly name: string
  readonly attack: (attack: Attack) => Promise<void>
  /** What counts it; nothing where all of it is taken, at a cost in proportion to its bytes. */
  readonly counter?: RejectionReason
  /** Megabytes that the node may use more, garbage apart. */
  readonly mostMb: number
  readonly options?: DistributedModuleOptions
}

/**
 * Each row is an attack on a bound of the side that accepts connections. A new bound is a new row. Those with messages
 * of megabytes are more in all than the heap holds and than the row allows: only the bound lets the node survive.
 */
const ROWS: readonly Row[] = [
  {
    name: '25 requests of 3.75 MB in flight on one connection',
    counter: 'tooManyBytesOfConnection',
    mostMb: 24,
    async attack ({ clients }) {
      const [client] = await clients(1)
      const data = text(LONG)
      for (let n = 0; n < 25; n++) await written(client.socket, frame(request('create', data), `s:${n}`))
    }
  },
  {
    name: '20 requests of 3.75 MB in flight on as many connections',
    counter: 'tooManyBytes',
    mostMb: 40,
    async attack ({ clients }) {
      const message = frame(request('create', text(LONG)), 's:1')
      for (const { socket } of await clients(20)) await written(socket, message)
    }
  },
  {
    name: 'requests in flight of 0.4 MB that become 8 MB of objects each',
    counter: 'tooManyBytesOfConnection',
    mostMb: 32,
    async attack ({ clients }) {
      const [client] = await clients(1)
      const data = `{"list":[${'{},'.repeat(125_000)}{}]}`
      for (let n = 0; n < 20; n++) await written(client.socket, frame(request('create', data), `s:${n}`))
    }
  },
  {
    name: '50000 bytes of messages that arrive one by one on 200 connections',
    mostMb: 8,
    async attack (attack) {
      const sockets = Array.from({ length: 200 }, () => attack.open())
      for (const socket of sockets) socket.write(Buffer.from([0x12, 0, 0xf0, 0, 0]))
      const byte = Buffer.from('j')
      for (let n = 0; n < 250; n++) await Promise.all(sockets.map(async socket => await written(socket, byte)))
    }
  },
  {
    name: 'the first 3.75 MB of 25 messages that have 4 MB',
    counter: 'unfinishedMessage',
    mostMb: 40,
    async attack (attack) {
      const part = Buffer.concat([Buffer.from([0x12, 0, 0x3f, 0xff, 0]), Buffer.alloc(LONG, 'j')])
      for (let n = 0; n < 25; n++) await written(attack.open(), part)
    }
  },
  {
    name: '20 connections that are idle after a message of 3.75 MB',
    mostMb: 20,
    async attack ({ clients }) {
      const message = frame(request('update', text(LONG)), 's:1')
      for (const client of await clients(20)) {
        await written(client.socket, message)
        await until('the answer', () => client.answer('1'), 60_000)
      }
    }
  },
  {
    name: '40 connections that ask for 15 MB and read nothing',
    counter: 'unreadReplies',
    mostMb: 84,
    async attack (attack) {
      const ask = frame(request('create', `{"length":${LONG}}`), 's:1')
      // The system takes some megabytes for a connection that is not read.
      await attack.deaf(40, Buffer.concat([ask, ask, ask, ask]))
    }
  },
  {
    name: '40 subscribers that read no events',
    counter: 'droppedEvents',
    mostMb: 84,
    async attack (attack) {
      await attack.deaf(40, frame('j:{"type":"mesh:listen","data":["jobs"]}', 's:1'))
      for (let n = 0; n < 30; n++) await attack.host.ask('emit', 1_000_000)
    }
  },
  {
    name: '50 subscriptions to paths of 2.5 MB',
    counter: 'malformedFrame',
    mostMb: 8,
    async attack (attack) {
      const paths = JSON.stringify(Array.from({ length: 2_500 }, (_, n) => `${n}-${'x'.repeat(1_000)}`))
      const message = frame(`j:{"type":"mesh:listen","data":${paths}}`, 's:1')
      for (let n = 0; n < 50; n++) await written(attack.open(), message)
    }
  },
  {
    name: '60 subscriptions with counts to paths of 1 MB whose connections are lost one after another',
    mostMb: 20,
    async attack ({ clients }) {
      for (let n = 0; n < 60; n++) {
        const [client] = await clients(1)
        const path = `${n}/`.padEnd(499_000, '\u0416')
        client.socket.write(frame(`j:{"type":"mesh:listen","data":["${path}"],"params":{"counts":true}}`, 's:1'))
        await until('the answer', () => client.answer('1'), 60_000)
        client.socket.destroy()
      }
    }
  },
  ...['mesh:cancel', 'mesh:ping', 'mesh:contracts', 'mesh:listen'].map((type): Row => ({
    name: `40000 requests for ${type} with 2000 calls in flight`,
    counter: 'throttledControl',
    mostMb: 40,
    async attack ({ clients }) {
      const [client] = await clients(1)
      const call = 'j:{"type":"get","key":"default","path":"jobs","id":1}'
      client.socket.write(Buffer.concat(Array.from({ length: 2_000 }, (_, n) => frame(call, `s:call ${n}`))))
      const one = frame(`j:{"type":"${type}","data":${type === 'mesh:listen' ? '["jobs"]' : '"nothing"'}}`, 's:7')
      const many = Buffer.concat(Array.from({ length: 1_000 }, () => one))
      for (let n = 0; n < 40; n++) client.socket.write(many)
    }
  })),
  {
    name: '1000 connections from one address that say nothing',
    counter: 'silentConnection',
    options: { cote: { silentConnectionTimeout: 2_000 } },
    mostMb: 10,
    async attack (attack) {
      for (let n = 0; n < 1_000; n++) attack.open()
      await attack.counted('silentConnection', 1_000)
    }
  },
  {
    name: 'more connections than the node takes in all',
    counter: 'tooManyConnections',
    options: { cote: { maxConnections: 100 } },
    mostMb: 10,
    async attack (attack) {
      for (let n = 0; n < 500; n++) attack.open()
    }
  },
  {
    name: 'calls of three connections that take all of maxInFlight',
    counter: 'tooManyCalls',
    options: { maxInFlight: 400 },
    mostMb: 10,
    async attack ({ clients }) {
      const call = frame('j:{"type":"get","key":"default","path":"jobs","id":1}', 's:1')
      for (const { socket } of await clients(3)) socket.write(Buffer.concat(Array.from({ length: 200 }, () => call)))
    }
  }
]

describe(`a node with a heap of ${HEAP_MB} MB`, () => {
  const processes = new TestProcesses()
  let attack: Attack | undefined
  let honest: DistributedModule | undefined

  afterEach(async () => {
    attack?.end()
    await honest?.stop()
  })

  it.each(ROWS)('survives $name, and serves others meanwhile', async row => {
    const { counter, mostMb } = row
    const { host, port, caller } = await hostWith(row.options)
    const jobs = caller.app.service('jobs')
    attack = new Attack(host, port)
    const { used, rss } = await attack.memory()
    const begun = row.attack(attack)
    begun.catch(() => {})
    for (let n = 0; n < 20; n++) expect(await jobs.find()).toBe('found')
    await begun
    if (counter !== undefined) await attack.counted(counter)
    // What has just been answered or closed may still be on its way.
    const now = await until('no more memory than that', async () => {
      const memory = await host.ask<Memory>('memory')
      return memory.used < used + mostMb * MB ? memory : undefined
    })
    expect(now.rss - rss).toBeLessThan((mostMb + HEAP_MB + KEPT_MB) * MB)
    expect(await jobs.find()).toBe('found')
  }, 120_000)

  async function hostWith (options: DistributedModuleOptions = {}): Promise<Attacked> {
    const port = await freePort()
    const cote = { port: DISCOVERY_PORT, environment: `bounds-${process.pid}-${port}` }
    const given = { ...BOUNDS, ...options, cote: { ...BOUNDS.cote, ...cote, ...options.cote, basePort: port } }
    const host = await processes.run('bounded-host', {
      HOST_OPTIONS: JSON.stringify(given), NODE_OPTIONS: `--max-old-space-size=${HEAP_MB}`
    })
    await host.ask('start')
    honest = DistributedModule.forRoot({ cote, remotes: ['jobs'], timeout: 20_000, drainTimeout: 1_000 })
    await honest.start()
    expect(await honest.app.service('jobs').find()).toBe('found')
    return { host, port, caller: honest }
  }
})
