import type { DistributedModule, RemoteService } from 'feathers-mesh'
import { meshNow } from '../../lib/clock'
import { writeHello } from '../../lib/transport/cote/discovery/write-hello'
import { KeyRing } from '../../lib/transport/secrets/key-ring'
import { SealedHellos } from '../../lib/transport/cote/security/secret/sealed-hellos'
import type { TodoService } from '../todo-service'
import { FakeResponder } from '../transport/cote/wire'
import { until } from '../until'
import { CoteMesh, SECRET } from './mesh-of'
import { Stranger } from './stranger'

const HOUR = 60 * 60 * 1_000
const title = 'Buy milk'

let mesh: CoteMesh
let stranger: Stranger
let host: DistributedModule
let todos: RemoteService<TodoService>
let server: FakeResponder
let port: number

beforeEach(async () => {
  mesh = new CoteMesh()
  host = await mesh.host({ secret: SECRET })
  todos = await mesh.consumer({ secret: SECRET })
  stranger = await Stranger.at(mesh, 1)
  server = new FakeResponder(socket => { socket.resume().on('end', () => socket.destroy()) })
  port = await server.listen()
})

afterEach(async () => {
  await stranger.end()
  await mesh.end()
  await server.close()
})

const cote = {
  name: 'feathers services responder', namespace: 'default', axon_type: 'rep', appDistributionKey: 'default'
}
const sender = { processId: 'p', hostName: 'localhost', processCommand: '' }
let count = 0

/** A hello as the node with an id has sealed it, an hour ago, and as anybody could have recorded it. */
function recorded (iid: string, at = meshNow() - HOUR): Buffer {
  const environment = `${mesh.cote.environment}:`
  const seal = new SealedHellos(new KeyRing(SECRET), { environment, address: '127.0.0.1', onRejected: () => {} })
  const stamp = Buffer.alloc(16)
  stamp.writeDoubleBE(at, 0)
  stamp.writeUInt32BE(++count, 8)
  stamp.set([127, 0, 0, 1], 12)
  const stamps = Reflect.get(seal, 'stamps') as { write: (packet: Buffer) => Buffer }
  stamps.write = packet => Buffer.concat([stamp, packet])
  const key = `${environment}$$default`
  return seal.seal(writeHello(iid, sender, { ...cote, key, port, appUuid: iid, mesh: { version: 1, revision: 0 } }))
}

describe('a hello of another time', () => {
  it('is refused and counted when nobody at its address proves to be its node', async () => {
    await stranger.send(recorded('a node that is gone'))
    await until('it to be counted', () => host.counters().lateHello > 0)
    expect(host.nodes()).toHaveLength(2)
    expect(mesh.log.join()).toContain('its clock is -3600 s off')
  })

  it('is the reason in the list of unreachable nodes, and in the error of a call', async () => {
    await stranger.send(recorded('a node that is gone'))
    const reason = 'its clock is -3600 s off'
    await until('the reason', () => host.nodes({ unreachable: true }).some(each => each.reason.includes(reason)))
    const call = host.remote<TodoService>('nobody').find()
    await expect(call).rejects.toThrow(reason)
  })

  it('makes nobody dial when it is said again', async () => {
    const packet = recorded('a node that is gone')
    await stranger.send(packet)
    await until('it to be followed', () => server.connections.length >= 2)
    for (let n = 1; n <= 20; n++) await stranger.send(packet)
    await until('them to be counted', () => host.counters().replayedHello >= 20)
    // Both nodes heard the first.
    expect(server.connections).toHaveLength(2)
  })

  it('makes nodes dial no more than the bounds allow, however many are sent, and the mesh works on', async () => {
    let most = 0
    const watch = setInterval(() => {
      most = Math.max(most, server.connections.filter(({ destroyed }) => !destroyed).length)
    }, 5)
    try {
      // Some packets may get lost on the way.
      await until('many to be refused', async () => {
        for (let n = 0; n < 20; n++) await stranger.send(recorded(`node ${count}`))
        return host.counters().lateHello > 500
      })
      expect(await todos.create({ title })).toMatchObject({ title })
      expect(host.nodes()).toHaveLength(2)
    } finally {
      clearInterval(watch)
    }
    // Each of the two nodes asks one at a place, and another one has just ended.
    expect(most).toBeLessThanOrEqual(4)
  })
})
