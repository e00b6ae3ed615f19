import { ScriptedMesh, todos, type SentRequest } from '../scripted-transport'
import { rejection, until } from '../../until'

/** The requests that ask a node whether it is there. */
const probes = ({ transport }: ScriptedMesh): readonly SentRequest[] =>
  transport.sent.filter(({ request }) => request.method !== 'create' && request.method !== 'find')

describe('replicas that have never answered', () => {
  it('get no calls while others have answered, and calls as soon as they answer', async () => {
    const mesh = new ScriptedMesh()
    mesh.announce('stranger')
    mesh.join('known')
    for (let n = 0; n < 4; n++) void mesh.call('create')
    expect(mesh.askedFor('create')).toEqual(['known', 'known', 'known', 'known'])
    expect(probes(mesh).map(({ node }) => node)).toEqual(['stranger'])
    probes(mesh)[0]?.reply(null)
    void mesh.call('create')
    expect(mesh.askedFor('create').at(-1)).toBe('stranger')
  })

  it('get calls where nobody else is there, which use up no retry where they are not sent', async () => {
    const mesh = new ScriptedMesh({ retries: 0 })
    const strangers = Array.from({ length: 20 }, (_, n) => `stranger-${n}`)
    for (const id of strangers) mesh.announce(id)
    const call = mesh.call('create')
    for (let n = 0; n < strangers.length; n++) {
      const sent = await until(() => mesh.transport.sent.filter(({ request }) => request.method === 'create')[n])
      if (n === strangers.length - 1) mesh.join('known')
      mesh.registry.leave(sent.node)
      sent.fail('not-sent')
    }
    await until(() => mesh.askedFor('create').length > strangers.length)
    const { last } = mesh
    expect(last.node).toBe('known')
    last.fail('not-sent')
    expect(await rejection(call)).toMatchObject({ message: expect.stringContaining('given up after one attempt') })
  })

  it('use up a retry where the call may have run', async () => {
    const mesh = new ScriptedMesh({ retries: 0 })
    mesh.announce('stranger')
    const call = mesh.call('find')
    mesh.transport.sent.find(({ request }) => request.method === 'find')?.fail('unknown')
    expect(await rejection(call)).toMatchObject({ message: expect.stringContaining('given up after one attempt') })
  })

  it('are asked eight at a time whether they are there, further ones as soon as these are silent or gone', async () => {
    const mesh = new ScriptedMesh()
    for (let n = 0; n < 30; n++) mesh.announce(`stranger-${n}`)
    void mesh.call('create')
    expect(probes(mesh)).toHaveLength(8)
    mesh.registry.leave('stranger-0')
    probes(mesh)[1]?.fail('not-sent')
    expect(probes(mesh)).toHaveLength(10)
    await until(() => probes(mesh).length === 30)
    expect(new Set(probes(mesh).map(({ node }) => node)).size).toBe(30)
  })

  it('are asked no more than that once one of them has answered', () => {
    const mesh = new ScriptedMesh()
    for (let n = 0; n < 30; n++) mesh.announce(`stranger-${n}`)
    void mesh.call('create')
    const [first] = probes(mesh)
    first?.reply(null)
    expect(probes(mesh)).toHaveLength(8)
    void mesh.call('create')
    expect([mesh.askedFor('create').at(-1), probes(mesh).length]).toEqual([first?.node, 9])
  })

  it('are asked for one service although one of another service has answered', () => {
    const mesh = new ScriptedMesh()
    const announce = (id: string, path: string): void =>
      mesh.registry.join({ id, key: 'default', contracts: [todos(undefined, path)], isUnproven: true })
    for (let n = 0; n < 12; n++) announce(`stranger-${n}`, 'todos')
    announce('other', 'notes')
    void mesh.call('create')
    void mesh.remotes.call('notes', 'create', [])
    expect(probes(mesh)).toHaveLength(8)
    mesh.join('other', todos(undefined, 'notes'))
    probes(mesh)[0]?.fail('not-sent')
    probes(mesh)[1]?.fail('not-sent')
    expect(probes(mesh)).toHaveLength(10)
  })

  it('are asked as soon as there is a remote of their service, and its replicas are needed from then on', () => {
    const mesh = new ScriptedMesh()
    mesh.announce('stranger')
    const [peer, other] = [['late', 'todos'], ['other', 'notes']].map(([id, path]) =>
      ({ id, key: 'default', contracts: [todos(undefined, path)] }))
    expect([probes(mesh).length, mesh.remotes.needs(peer)]).toEqual([0, false])
    mesh.remotes.get('todos')
    expect(probes(mesh).map(({ node }) => node)).toEqual(['stranger'])
    expect([peer, other].map(each => mesh.remotes.needs(each))).toEqual([true, false])
  })

  it('get the calls of an affinity as if they had answered', () => {
    const [mesh, other] = [new ScriptedMesh(), new ScriptedMesh()]
    for (const id of ['a', 'b', 'c', 'd']) {
      mesh.join(id)
      if (id === 'a') other.join(id)
      else other.announce(id)
    }
    for (let n = 0; n < 10; n++) {
      for (const each of [mesh, other]) void each.call('create', [{}], { affinity: `user-${n}` })
    }
    expect(other.askedFor('create')).toEqual(mesh.askedFor('create'))
  })

  it('are shown to a routing function like all others', () => {
    const seen: string[][] = []
    const mesh = new ScriptedMesh({
      routing: replicas => {
        seen.push(replicas.map(({ id }) => id))
        return replicas[0]
      }
    })
    mesh.announce('stranger')
    mesh.join('known')
    void mesh.call('create')
    expect(seen).toEqual([['stranger', 'known']])
  })

  it('are so no more when they join again with an answer', () => {
    const mesh = new ScriptedMesh()
    for (const id of ['one', 'other']) mesh.announce(id)
    mesh.join('one')
    for (let n = 0; n < 2; n++) void mesh.call('create')
    expect(mesh.askedFor('create')).toEqual(['one', 'one'])
  })
})
