import { once } from 'node:events'
import { connect, type TLSSocket } from 'node:tls'
import type { DistributedModule, RemoteService } from 'feathers-mesh'
import { KeyRing } from '../../lib/transport/secrets/key-ring'
import type { TodoService } from '../todo-service'
import { until } from '../until'
import { freePort } from '../free-port'
import { CoteMesh, OTHER_SECRET, SECRET } from './mesh-of'

const EXPIRED = OTHER_SECRET
const title = 'Buy milk'

let mesh: CoteMesh
let accepted: string[]
let host: DistributedModule
let todos: RemoteService<TodoService>
let port: number
let sockets: TLSSocket[]

beforeEach(async () => {
  sockets = []
  accepted = [SECRET, EXPIRED]
  mesh = new CoteMesh()
  port = await freePort()
  host = await mesh.host({ secret: () => accepted, cote: { basePort: port } })
  todos = await mesh.consumer({ secret: SECRET })
})

afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  await mesh.end()
})

/** A connection that proves the secret which expires. */
function dial (): TLSSocket {
  const { id, connections } = new KeyRing(EXPIRED).first
  const socket = connect({
    host: '127.0.0.1', port, minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3', ciphers: 'TLS_AES_128_GCM_SHA256',
    pskCallback: () => ({ identity: `feathers-mesh:${id}`, psk: connections }), checkServerIdentity: () => undefined
  })
  sockets.push(socket)
  return socket.on('error', () => {})
}

const isClosed = async (socket: TLSSocket): Promise<unknown> => {
  if (!socket.destroyed) await new Promise(resolve => { socket.once('close', resolve) })
  return socket.destroyed
}

describe('a secret that is no longer accepted', () => {
  it('is rejected on new and open connections, counted and logged, while the mesh keeps working', async () => {
    const before = dial()
    await once(before, 'secureConnect')
    expect(host.counters().wrongSecret).toBe(0)
    accepted = [SECRET]
    // What was opened with it goes first.
    await isClosed(before)
    expect(host.counters().wrongSecret).toBe(1)
    for (const socket of [dial(), dial()]) await isClosed(socket)
    await until('them to be counted', () => host.counters().wrongSecret === 3)
    expect(mesh.log.filter(line => line.includes('127.0.0.1'))).toHaveLength(1)
    expect(mesh.log.join()).not.toContain(EXPIRED)
    expect(await todos.create({ title })).toMatchObject({ title })
  })
})
