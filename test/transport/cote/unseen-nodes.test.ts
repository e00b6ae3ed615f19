import type { DistributedModule, DistributedModuleOptions, UnreachableNode } from 'feathers-mesh'
import { DiscoverySocket } from '../../../lib/transport/cote/discovery/ways/discovery-socket'
import { Authority } from '../../security/authority'
import { freePort } from '../../free-port'
import { CoteMesh, OTHER_SECRET, SECRET } from '../../security/mesh-of'
import { Stranger } from '../../security/stranger'
import type { TodoService } from '../../todo-service'
import { rejection, until } from '../../until'
import { hostOfVersion } from './other-version'
import { Sockets } from './sockets'
import { hello } from './wire'

const sockets = new Sockets()
let mesh: CoteMesh

beforeEach(() => { mesh = new CoteMesh() })
afterEach(async () => await mesh.end())

/** Why a node does not see another one, once it knows. */
async function reasons (node: DistributedModule, part: string): Promise<UnreachableNode> {
  return await until(part, () => node.nodes({ unreachable: true }).find(({ reason }) => reason.includes(part)))
}

const ELSEWHERE = { cote: { environment: 'other' } }
const certificate = Authority.make().node('default')
const other = Authority.make('other').node('default')

describe('a node that does not see another one', () => {
  it.each<[string, DistributedModuleOptions, DistributedModuleOptions, string]>([
    ['it has another secret', { secret: SECRET }, { secret: OTHER_SECRET }, 'give that node the secret of this mesh'],
    ['only the other one has a secret', {}, { secret: SECRET }, 'give this node that secret'],
    ['only this one has a secret', { secret: SECRET }, {}, 'has no secret'],
    ['only this one has a certificate', { tls: certificate }, {}, 'has no certificate'],
    ['its certificate is of another authority', { tls: certificate }, { tls: other }, 'refuses a hello with'],
    ['its environment is another one', {}, ELSEWHERE, "its environment is 'other', this node's is"],
    ['it has another environment, and a secret', {}, { ...ELSEWHERE, secret: SECRET }, "is 'other', this"]
  ])('tells why when %s, in its list and in the errors of calls', async (_what, options, others, part) => {
    const node = await mesh.node({ ...options, timeout: 200 })
    await mesh.host(others)
    const { address } = await reasons(node, part)
    expect(address).toBe('127.0.0.1')
    const error = await rejection(node.remote<TodoService>('todos').find())
    expect(error).toMatchObject({ name: 'Unavailable' })
    expect(error.message).toContain('; a node at 127.0.0.1 was heard, but ')
    expect(error.message).toContain(part)
    // What an outside client gets.
    expect(JSON.stringify(error)).not.toContain('127.0.0.1')
  })

  it.each<[string, DistributedModuleOptions, number]>([
    ['a later one', {}, 2], ['an earlier one', {}, 0],
    ['a later one, with a secret', { secret: SECRET }, 2], ['an earlier one, with a secret', { secret: SECRET }, 0],
    ['a later one, with a certificate', { tls: certificate }, 2]
  ])('tells that the other one speaks another version of the mesh: %s', async (_what, options, version) => {
    const node = await mesh.node({ ...options, timeout: 200 })
    await hostOfVersion(mesh, version, options)
    const found = await reasons(node, `it speaks version ${version}, and this node version 1`)
    expect(found).toMatchObject({ address: '127.0.0.1', code: 'otherVersion' })
    const error = await rejection(node.remote<TodoService>('todos').find())
    expect(error.message).toContain(found.reason)
    expect(node.nodes()).toHaveLength(1)
  })

  it('tells that its own hello is longer than the network takes, and so does the other one', async () => {
    jest.spyOn(DiscoverySocket.prototype, 'send').mockImplementation(async () => 'too long')
    const node = await mesh.node({ timeout: 200 })
    const host = await mesh.host()
    for (const each of [node, host]) {
      expect(await reasons(each, 'no node hears it')).toMatchObject({ address: '127.0.0.1', code: 'unsaidHello' })
    }
    const error = await rejection(node.remote<TodoService>('todos').find())
    expect(error.message).toMatch(/; a hello of this node has \d+ bytes, and the network takes \d+: no node hears it/)
    expect(JSON.stringify(error)).not.toContain('hello')
  })

  it('tells to which port no connection was made, and forgets it once there is one', async () => {
    const node = await mesh.node()
    const stranger = await Stranger.at(mesh, 1)
    const port = await freePort()
    try {
      await stranger.send(hello('elsewhere', mesh.cote.environment, port))
      const found = await reasons(node, 'ECONNREFUSED')
      expect(found).toMatchObject({ id: 'elsewhere', key: 'default', address: `127.0.0.1:${port}` })
    } finally {
      await stranger.end()
    }
  })

  it('tells that a node does not answer, and keeps its connection to it, however often that says hello', async () => {
    const node = await mesh.node()
    const stranger = await Stranger.at(mesh, 1)
    const came = { busy: 0, marker: 0 }
    const listening = async (id: keyof typeof came): Promise<object> => {
      const { port } = await sockets.listen(socket => {
        came[id]++
        socket.resume()
      })
      return hello(id, mesh.cote.environment, port)
    }
    try {
      const busy = await listening('busy')
      await stranger.send(busy)
      expect(await reasons(node, 'it does not answer')).toMatchObject({ id: 'busy', code: 'notReached' })
      for (let n = 0; n < 5; n++) await stranger.send(busy)
      // Hellos are read in turn.
      await stranger.send(await listening('marker'))
      await until('the hellos to be read', () => came.marker > 0)
      expect(came.busy).toBe(1)
    } finally {
      await stranger.end()
    }
  })

  it('keeps a hundred reasons, those of its own mesh apart from what anybody may send', async () => {
    const node = await mesh.node({ secret: SECRET })
    const stranger = await Stranger.at(mesh, 1)
    try {
      let n = 0
      await until('many of them', async () => {
        const hostName = `stranger-${++n}`
        await stranger.send({ ...hello(hostName, mesh.cote.environment, 9), hostName })
        await stranger.send(hello(hostName, `another\n${'x'.repeat(600)}`, 9))
        return node.counters().plainHello > 300
      })
      const all = node.nodes({ unreachable: true })
      expect(all).toHaveLength(100)
      for (const { reason } of all) expect(reason).not.toMatch(/\p{Cc}/u)
      expect(Math.max(...all.map(({ reason }) => reason.length))).toBeLessThanOrEqual(500)
    } finally {
      await stranger.end()
    }
  })

  it('sees it once the other one is mended', async () => {
    const node = await mesh.node({ secret: SECRET })
    const wrong = await mesh.host({ secret: OTHER_SECRET })
    await reasons(node, 'secret')
    await wrong.stop()
    await mesh.host({ secret: SECRET })
    await until('the other one', () => node.nodes().length === 2)
  })
})
