import { freePort } from '../../free-port'
import { CoteMesh, SECRET } from '../../security/mesh-of'
import { TodoService } from '../../todo-service'
import { rejection, until } from '../../until'
import { MappedPort } from './discovery/mapped-port'

describe('an advertised place', () => {
  const options = { secret: SECRET }
  const mesh = new CoteMesh()
  let mapped: MappedPort
  afterEach(async () => {
    mapped.close()
    await mesh.end()
  })

  it('to which another node has come runs no call that was meant for the one before', async () => {
    const [first, second] = [await freePort(), await freePort()]
    mapped = await MappedPort.at('127.0.0.5', first)
    await mesh.host({ ...options, listen: `127.0.0.1:${first}`, advertise: mapped.place })
    const todos = await mesh.consumer(options)
    expect(await todos.create({ title: 'Buy milk' })).toMatchObject({ id: 1 })

    // The caller can't hear it, so it does not know that there is another node.
    const port = mesh.cote.port + 1
    const other = await mesh.host({ ...options, listen: `127.0.0.1:${second}`, cote: { port } })
    mapped.moveTo(second)
    const before = mapped.connections
    await until('connections to the other node', async () => {
      const call = todos.with({ timeout: 300 }).create({ title: 'Buy bread' })
      expect(await rejection(call)).toMatchObject({ name: 'Unavailable' })
      return mapped.connections > before
    })
    expect(other.resolve(TodoService).todos).toEqual([])
  })
})
