import { RequestRefused } from 'feathers-mesh/transport'
import { rejection, until } from '../../until'
import { ScriptedMesh, todos, type SentRequest } from '../scripted-transport'

/** The probes that a node was sent. */
const probesOf = (mesh: ScriptedMesh, node: string): SentRequest[] =>
  mesh.transport.sent.filter(sent => sent.node === node && sent.request.method === 'healthcheck')

/** Lets so many calls to a node time out. */
async function timeOut (mesh: ScriptedMesh, node: string, times = 3): Promise<void> {
  for (let n = 0; n < times; n++) {
    expect(await rejection(mesh.call('find', [], { node, timeout: 1 }))).toMatchObject({ name: 'Timeout' })
  }
}

/** The nodes that so many more calls go to. */
function next (mesh: ScriptedMesh, times = 6): Set<string> {
  const asked = Array.from({ length: times }, () => {
    const controller = new AbortController()
    mesh.call('create', [], { signal: controller.signal }).catch(() => {})
    const { node } = mesh.last
    // Given up at once, it is neither an answer nor a time-out.
    controller.abort()
    return node
  })
  return new Set(asked)
}

function twoReplicas (): ScriptedMesh {
  const mesh = new ScriptedMesh()
  mesh.join('hangs')
  mesh.join('well')
  return mesh
}

describe('a replica that lets calls time out', () => {
  it('is set aside after so many in a row, and probed', async () => {
    const mesh = twoReplicas()
    await timeOut(mesh, 'hangs', 2)
    expect(next(mesh)).toEqual(new Set(['hangs', 'well']))
    expect(probesOf(mesh, 'hangs')).toEqual([])

    await timeOut(mesh, 'hangs', 1)
    expect(probesOf(mesh, 'hangs')).toHaveLength(1)
    expect(probesOf(mesh, 'hangs')[0]?.request).toEqual({ method: 'healthcheck', key: 'default', path: 'todos' })
    expect(next(mesh)).toEqual(new Set(['well']))
  })

  it('is not set aside when it answers in between', async () => {
    const mesh = twoReplicas()
    await timeOut(mesh, 'hangs', 2)
    const call = mesh.call('find', [], { node: 'hangs' })
    mesh.last.refuse(new Error('an error is an answer, too'))
    await rejection(call)
    await timeOut(mesh, 'hangs', 2)
    expect(next(mesh)).toEqual(new Set(['hangs', 'well']))
  })

  it('is not set aside when it refuses in between', async () => {
    const mesh = twoReplicas()
    await timeOut(mesh, 'hangs', 2)
    void mesh.call('find', [], { node: 'hangs', retries: 0 }).catch(() => {})
    mesh.last.failWith(new RequestRefused(new Error('busy')))
    await timeOut(mesh, 'hangs', 2)
    expect(next(mesh)).toEqual(new Set(['hangs', 'well']))
  })

  it('returns when it answers a probe', async () => {
    const mesh = twoReplicas()
    await timeOut(mesh, 'hangs')
    probesOf(mesh, 'hangs')[0]?.reply(true)
    expect(next(mesh)).toEqual(new Set(['hangs', 'well']))
  })

  it('returns when it refuses a probe: the service may be gone while the node is well', async () => {
    const mesh = twoReplicas()
    await timeOut(mesh, 'hangs')
    probesOf(mesh, 'hangs')[0]?.failWith(new RequestRefused(new Error('not hosted')))
    expect(next(mesh)).toEqual(new Set(['hangs', 'well']))
  })

  it('does not return because a probe could not be sent', async () => {
    const mesh = twoReplicas()
    await timeOut(mesh, 'hangs')
    probesOf(mesh, 'hangs')[0]?.fail('not-sent')
    probesOf(mesh, 'hangs')[0]?.fail('unknown')
    expect(next(mesh)).toEqual(new Set(['well']))
  })

  it('is probed again and again, and each probe before is forgotten', async () => {
    const mesh = twoReplicas()
    await timeOut(mesh, 'hangs')
    await until('the third probe', () => probesOf(mesh, 'hangs').length >= 3)
    const ids = probesOf(mesh, 'hangs').slice(0, 2).map(probe => mesh.transport.sent.indexOf(probe) + 1)
    expect(mesh.transport.forgotten).toEqual(expect.arrayContaining(ids.map(id => ['hangs', id])))
    expect(next(mesh)).toEqual(new Set(['well']))
    probesOf(mesh, 'hangs').at(-1)?.reply(true)
    expect(next(mesh)).toEqual(new Set(['hangs', 'well']))
  })

  it('returns when a call to it is answered late', async () => {
    const mesh = twoReplicas()
    const late = mesh.call('find', [], { node: 'hangs' })
    const { last } = mesh
    await timeOut(mesh, 'hangs')
    last.reply('late')
    expect(await late).toBe('late')
    expect(next(mesh)).toEqual(new Set(['hangs', 'well']))
  })

  it('is asked all the same where it is the only one, or is named', async () => {
    const mesh = new ScriptedMesh()
    mesh.join('hangs')
    await timeOut(mesh, 'hangs')
    expect(next(mesh)).toEqual(new Set(['hangs']))
    mesh.join('well')
    void mesh.call('find', [], { node: 'hangs' })
    expect(mesh.last.node).toBe('hangs')
    expect(next(mesh)).toEqual(new Set(['well']))
  })

  it('is set aside for all of its services', async () => {
    const mesh = new ScriptedMesh()
    mesh.join('hangs', todos(), todos(['find'], 'users'))
    mesh.join('well', todos(), todos(['find'], 'users'))
    await timeOut(mesh, 'hangs')
    const asked = Array.from({ length: 4 }, () => {
      void mesh.remotes.call('users', 'find', [])
      return mesh.last.node
    })
    expect(new Set(asked)).toEqual(new Set(['well']))
  })

  it('is probed no more after it left, nor after this node did', async () => {
    const mesh = twoReplicas()
    await timeOut(mesh, 'hangs')
    await timeOut(mesh, 'well')
    const cleared = jest.spyOn(global, 'clearTimeout')
    mesh.registry.leave('hangs')
    expect(cleared).toHaveBeenCalledTimes(1)
    mesh.remotes.close()
    expect(cleared).toHaveBeenCalledTimes(2)
    cleared.mockRestore()
  })
})

it('knows nothing of a replica that left, whose last calls time out after that', async () => {
  const mesh = twoReplicas()
  const calls = Array.from({ length: 4 }, () => rejection(mesh.call('find', [], { node: 'hangs', timeout: 5 })))
  mesh.registry.leave('hangs')
  await Promise.all(calls)
  mesh.join('hangs')
  expect(probesOf(mesh, 'hangs')).toEqual([])
  expect(next(mesh)).toEqual(new Set(['hangs', 'well']))
})
