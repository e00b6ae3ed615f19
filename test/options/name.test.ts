import { hostname } from 'node:os'
import { DistributedModule } from 'feathers-mesh'
import { memoryMesh, idOf } from '../memory-mesh'
import { createTestMesh } from '../../lib/testing'
import { TodoService } from '../todo-service'
import { rejection, until } from '../until'
import { setsVariables } from './environment-variables'

const mesh = memoryMesh()
const set = setsVariables()
const title = 'Buy milk'

/** The names of the nodes that a node knows, its own first. */
const namesOf = (node: DistributedModule): unknown[] => node.nodes().map(({ name }) => name)

describe('the name of a node', () => {
  it('is the host name and the process id where nobody says it', () => {
    expect(namesOf(mesh.node())).toEqual([`${hostname()}-${process.pid}`])
  })

  it('is that of MESH_NAME, and the option goes first', () => {
    set({ MESH_NAME: 'api-7f' })
    expect([namesOf(mesh.node()), namesOf(mesh.node({ name: 'billing' }))]).toEqual([['api-7f'], ['billing']])
  })

  it('is known to the nodes that it meets', async () => {
    const one = await mesh.start({ name: 'one' })
    await mesh.start({ name: 'other' })
    await until('both', () => one.nodes().length === 2)
    expect(namesOf(one)).toEqual(['one', 'other'])
  })

  it.each([
    '', ' ', 'a\nb', 'a\u0007', 'a\u202Eb', 'a\u2028b', '\uD800', 'x'.repeat(101), 7, ['api'], null
  ])('can be read in a log: %j is refused, or left out', name => {
    const make = (): unknown => DistributedModule.forRoot({ name: name as string })
    if (name === null) expect(make).not.toThrow()
    else expect(make).toThrow("option 'name' is wrong: name must be a text of 1 to 100 characters")
  })

  it.each(['api-7f', 'Zürich 2', '日本', 'x'.repeat(100)])('may have any letters: %s', name => {
    expect(namesOf(mesh.node({ name }))).toEqual([name])
  })
})

describe('an error of the mesh', () => {
  it('shows the name of a node beside its id', async () => {
    const testMesh = createTestMesh({ timeout: 2_000 })
    try {
      const host = await testMesh.node('host', { name: 'api-7f', services: [TodoService] })
      const consumer = await testMesh.node('consumer', { remotes: ['todos'] })
      const todos = consumer.remote(TodoService)
      const place = `node api-7f (${idOf(host)})`

      testMesh.drop({ kind: 'reply' })
      const timedOut = await rejection(todos.with({ timeout: 50 }).create({ title }))
      expect(timedOut.message).toContain(`no reply from ${place} within 50 ms`)
      expect(timedOut.data).toMatchObject({ node: idOf(host) })
      testMesh.heal()

      const lost = rejection(todos.create({ title }))
      await testMesh.kill(host, { during: 'request' })
      expect((await lost).message).toContain(place)

      const gone = await rejection(todos.with({ waitForService: false }).create({ title }))
      expect(gone.message).toContain(`'todos' was last seen on ${place} at`)
    } finally {
      await testMesh.stop()
    }
  })

  it('shows the id alone of a node that does not say its name, and of a strange name one line', async () => {
    const strange = mesh.transport()
    const nameless = mesh.transport()
    const seer = await mesh.start()
    const contract = { path: 'odd', key: 'odd', methods: [{ name: 'find', idempotent: false }], events: [] }
    const host = {
      key: 'odd', contracts: () => [contract], serve: () => {}, receive: () => {}, joined: () => {}, left: () => {}
    }
    await nameless.start({ id: 'nameless', ...host })
    await until('it', () => seer.nodes().length === 2)
    const call = seer.remote('odd') as unknown as { with (options: object): { find (): Promise<unknown> } }
    expect((await rejection(call.with({ timeout: 20 }).find())).message).toContain('from node nameless within')
    await nameless.stop(0)
    await strange.start({ id: 'strange', name: 'one\nline', ...host })
    await until('it', () => seer.nodes().length === 2)
    const { message } = await rejection(call.with({ timeout: 20 }).find())
    expect(message).toContain('from node one\uFFFDline (strange) within')
    await strange.stop(0)
  })
})
