import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { DistributedModule } from 'feathers-mesh'
import { type TestProcess, TestProcesses } from '../../process'
import { atMost } from '../../until'
import { HostileInput } from './hostile-input'
import { repeat, seed, survives } from './under-fuzz'
import { seeded, type Hello } from './wire'

const CONNECTIONS = 1_200
const FRAMES_EACH = 20
const CONNECTIONS_AT_ONCE = 20
const PACKETS = 9_000
const PACKETS_AT_ONCE = 50

/** Milliseconds that a busy machine may take for a batch of connections. */
const PATIENCE = 60_000

/** No other test may receive these packets. */
const DISCOVERY_PORT = 18_000 + process.pid % 2_000
const BROADCAST = '127.255.255.255'

describe(`a node under malformed frames and packets (seed ${seed})`, () => {
  const processes = new TestProcesses('all')
  const input = new HostileInput(seeded(seed), 'fuzz')
  const udp: UdpSocket = createSocket({ type: 'udp4', reuseAddr: true })
  let host: TestProcess
  let port: number
  let client: DistributedModule

  beforeAll(async () => {
    host = await processes.run('fuzz-target', {
      DISCOVERY_PORT: String(DISCOVERY_PORT),
      COTE_ENV: 'fuzz-target',
      // That it refuses messages which are too long is what it is to say.
      NODE_OPTIONS: '--disable-warning=FEATHERS_MESH_REFUSED'
    })
    await once(udp.bind({ port: DISCOVERY_PORT, address: BROADCAST }), 'listening')
    udp.setBroadcast(true)
    const told = new Promise<Hello>(resolve => {
      udp.on('message', bytes => {
        if (bytes.includes('feathers services responder')) resolve(JSON.parse(bytes.toString()) as Hello)
      })
    })
    await host.ask('start')
    port = (await atMost(10_000, told, () => 'the node said no hello')).data.advertisement.port
    udp.removeAllListeners('message')
    client = DistributedModule.forRoot({
      remotes: ['todos'], cote: { port: DISCOVERY_PORT, environment: 'fuzz-target' }
    })
    await client.start()
  })

  afterAll(async () => {
    await client?.stop()
    udp.close()
  })

  /** One connection full of nonsense, which a broken frame ends. */
  async function connection (): Promise<void> {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {}).resume()
    const closed = new Promise<void>(resolve => { socket.once('close', () => resolve()) })
    for (let n = 1; n < FRAMES_EACH; n++) socket.write(input.nonsense())
    socket.write(input.breaking())
    await atMost(PATIENCE, closed, () => 'the node did not close the connection')
  }

  async function packets (count: number): Promise<void> {
    for (let sent = 0; sent < count; sent += PACKETS_AT_ONCE) {
      await Promise.all(Array.from({ length: PACKETS_AT_ONCE }, async () => {
        await new Promise(resolve => { udp.send(input.packet(), DISCOVERY_PORT, BROADCAST, resolve) })
      }))
      // Others have a turn as well.
      await setImmediate()
    }
  }

  it('keeps answering an honest client, survives, stores nothing, and exits without output', async () => {
    await survives({ host, client }, 1 / 4, async share => await Promise.all([
      repeat(share * CONNECTIONS, CONNECTIONS_AT_ONCE, connection), packets(share * PACKETS)
    ]))
    expect([await host.stop(), host.printed]).toEqual([0, ''])
  }, 300_000)
})
