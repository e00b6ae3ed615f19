import type { DistributedModule, RemoteService } from 'feathers-mesh'
import { DialledSockets } from '../../processes/dialled-sockets'
import type { TodoService } from '../../todo-service'
import { freePort } from '../../free-port'
import { CoteMesh } from '../../security/mesh-of'
import { Stranger } from '../../security/stranger'
import { until } from '../../until'
import { FakeResponder, hello } from './wire'

const title = 'Buy milk'
/** Milliseconds for a storm: hundreds of connections in this process, which may share its core with other tests. */
const PATIENCE = 30_000
/**
 * The most connections that the hellos may take: of each of the two nodes here, those to newcomers, to places where it
 * looks again for lost ones, and to those that were hinted at; and some to members.
 */
const MOST = 2 * (256 + 100 + 16) + 64

let mesh: CoteMesh
let stranger: Stranger
let servers: FakeResponder[]
let victim: DistributedModule
let ids: number
let dialled: DialledSockets

beforeEach(async () => {
  dialled = new DialledSockets()
  mesh = new CoteMesh()
  servers = []
  ids = 0
  // A member gets its turn by lot, as those do that say nothing for seconds: on a busy core that takes a while.
  victim = await mesh.node({ timeout: PATIENCE })
  stranger = await Stranger.at(mesh, 1)
})

afterEach(async () => {
  await stranger.end()
  await mesh.end()
  for (const server of servers) await server.close()
  dialled.end()
})

/** A port that takes connections and says nothing. */
async function silentPort (): Promise<number> {
  const server = new FakeResponder(socket => socket.resume().on('end', () => socket.destroy()))
  servers.push(server)
  return await server.listen()
}

type Packet = ReturnType<typeof hello>

/** A hello of ever another node. */
function helloOf (port: number): Packet {
  return hello(`storm-${ids++}`, mesh.cote.environment, port)
}

/** The same of a node of feathers-distributed. */
function oldHelloOf (port: number): Packet {
  const packet = helloOf(port) as { data: { advertisement: { mesh?: object } } }
  delete packet.data.advertisement.mesh
  return packet
}

/** Sends hellos one after the other until something is done. */
async function storm<T> (next: () => Packet, action: () => Promise<T>): Promise<T> {
  let isOver = false
  const sending = (async () => {
    while (!isOver) {
      for (let n = 0; n < 20; n++) await stranger.send(next())
      await new Promise(setImmediate)
    }
  })()
  try {
    return await action()
  } finally {
    isOver = true
    await sending
  }
}

/** Lets a member come during a storm, calls it, and looks at what the storm costs meanwhile. */
async function findsMember (next: () => Packet, basePort?: number): Promise<void> {
  const todos: RemoteService<TodoService> = victim.remote<TodoService>('todos')
  let most = 0
  const watch = setInterval(() => { most = Math.max(most, dialled.open.length) }, 10)
  try {
    await storm(next, async () => {
      await until('a storm', () => ids > 600, PATIENCE)
      await mesh.host({ cote: basePort === undefined ? {} : { basePort } })
      expect(await todos.create({ title })).toMatchObject({ title })
      await until('more of the storm', () => ids > 1_200, PATIENCE)
      expect(await todos.create({ title })).toMatchObject({ title })
    })
  } finally {
    clearInterval(watch)
  }
  expect(most).toBeLessThanOrEqual(MOST)
}

jest.setTimeout(3 * PATIENCE)

describe('a node in a storm of hellos with ever other ids', () => {
  it('makes few connections and finds members when the hellos name one silent port', async () => {
    const port = await silentPort()
    await findsMember(() => helloOf(port))
    expect(victim.counters().crowdedOut).toBeGreaterThan(0)
  })

  it('makes few connections and finds members when the hellos name many silent ports', async () => {
    const ports = await Promise.all(Array.from({ length: 600 }, silentPort))
    await findsMember(() => helloOf(ports[ids % ports.length]))
    expect(victim.counters().crowdedOut).toBeGreaterThan(0)
  })

  it('keeps its members when nobody listens at the ports that the hellos name', async () => {
    await findsMember(() => helloOf(1 + ids % 1_000))
  })

  it('finds a member whose port the hellos name', async () => {
    const port = await freePort()
    await findsMember(() => helloOf(port), port)
  })

  it('makes few connections and finds members when the hellos are of feathers-distributed', async () => {
    const port = await silentPort()
    await findsMember(() => oldHelloOf(port))
    expect(victim.counters().crowdedOut).toBeGreaterThan(0)
  })

  it('keeps its members when the hellos are of components that are no nodes', async () => {
    await findsMember(() => {
      const packet = oldHelloOf(1) as { data: { advertisement: { name: string } } }
      packet.data.advertisement.name = 'a component of another program'
      return packet
    })
  })
})
