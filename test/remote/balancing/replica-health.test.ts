import { RequestRefused } from 'feathers-mesh/transport'
import { rejection, until } from '../../until'
import { ScriptedMesh, todos, type SentRequest } from '../scripted-transport'

/** The probes that a node was sent. */
const probesOf = (mesh: ScriptedMesh, node: string): SentRequest[] =>
  mesh.transport.sent.filter(sent => sent.node === node && sent.request.method === 'healthcheck')

/** Lets this number of calls to a node time out. */
async function timeOut (mesh: ScriptedMesh, node: string, times = 3): Promise<void> {
  for (let n = 0; n < times; n++) {
    expect(await rejection(mesh.call('find', [], { node, timeout: 1 }))).toMatchObject({ name: 'Timeout' })
  }
}

/** The nodes that further calls go to. */
function next (mesh: ScriptedMesh, times = 6): Set<string> {
  const asked = Array.from({ length: times }, () => {
    const controller = new AbortController()
    mesh.call('create', [], { signal: controller.signal }).catch(() => {})
    const { node } = mesh.last
    // Aborted immediately, it is neither an answer nor a timeout.
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

describe('a replica whose calls time out', () => {
  it('is suspended and probed after three timeouts in a row', async () => {
    const mesh = twoReplicas()
    await timeOut(mesh, 'hangs', 2)
    expect(next(mesh)).toEqual(new Set(['hangs', 'well']))
    expect(probesOf(mesh, 'hangs')).toEqual([])

    await timeOut(mesh, 'hangs', 1)
    expect(probesOf(mesh, 'hangs')).toHaveLength(1)
    expect(probesOf(mesh, 'hangs')[0]?.request).toEqual({ method: 'healthcheck', key: 'default', path: 'todos' })
    expect(next(mesh)).toEqual(new Set(['well']))
  })

  it('is not suspended when it answers between the timeouts', async () => {
    const mesh = twoReplicas()
    await timeOut(mesh, 'hangs', 2)
    const call = mesh.call('find', [], { node: 'hangs' })
    mesh.last.refuse(new Error('an error is an answer, too'))
    await rejection(call)
    await timeOut(mesh, 'hangs', 2)
    expect(next(mesh)).toEqual(new Set(['hangs', 'well']))
  })

  it('is not suspended when it rejects a request between the timeouts', async () => {
    const mesh = twoReplicas()
    await timeOut(mesh, 'hangs', 2)
    void mesh.call('find', [], { node: 'hangs', retries: 0 }).catch(() => {})
    mesh.last.failWith(new RequestRefused(new Error('busy')))
    await timeOut(mesh, 'hangs', 2)
    expect(next(mesh)).toEqual(new Set(['hangs', 'well']))
  })

  it('is used again when it answers a probe', async () => {
    const mesh = twoReplicas()
    await timeOut(mesh, 'hangs')
    probesOf(mesh, 'hangs')[0]?.reply(true)
    expect(next(mesh)).toEqual(new Set(['hangs', 'well']))
  })

  it('is used again when it rejects a probe, because the node works even if the service is gone', async () => {
    const mesh = twoReplicas()
    await timeOut(mesh, 'hangs')
    probesOf(mesh, 'hangs')[0]?.failWith(new RequestRefused(new Error('not hosted')))
    expect(next(mesh)).toEqual(new Set(['hangs', 'well']))
  })

  it('stays suspended when a probe cannot be sent', async () => {
    const mesh = twoReplicas()
    await timeOut(mesh, 'hangs')
    probesOf(mesh, 'hangs')[0]?.fail('not-sent')
    probesOf(mesh, 'hangs')[0]?.fail('unknown')
    expect(next(mesh)).toEqual(new Set(['well']))
  })

  it('is probed repeatedly, and each earlier probe is canceled', async () => {
    const mesh = twoReplicas()
    await timeOut(mesh, 'hangs')
    await until('the third probe', () => probesOf(mesh, 'hangs').length >= 3)
    const ids = probesOf(mesh, 'hangs').slice(0, 2).map(probe => mesh.transport.sent.indexOf(probe) + 1)
    expect(mesh.transport.forgotten).toEqual(expect.arrayContaining(ids.map(id => ['hangs', id])))
    expect(next(mesh)).toEqual(new Set(['well']))
    probesOf(mesh, 'hangs').at(-1)?.reply(true)
    expect(next(mesh)).toEqual(new Set(['hangs', 'well']))
  })

  it('is used again when it answers an earlier call late', async () => {
    const mesh = twoReplicas()
    const late = mesh.call('find', [], { node: 'hangs' })
    const { last } = mesh
    await timeOut(mesh, 'hangs')
    last.reply('late')
    expect(await late).toBe('late')
    expect(next(mesh)).toEqual(new Set(['hangs', 'well']))
  })

  it('still receives calls when it is the only replica, or when the call names it', async () => {
    const mesh = new ScriptedMesh()
    mesh.join('hangs')
    await timeOut(mesh, 'hangs')
    expect(next(mesh)).toEqual(new Set(['hangs']))
    mesh.join('well')
    void mesh.call('find', [], { node: 'hangs' })
    expect(mesh.last.node).toBe('hangs')
    expect(next(mesh)).toEqual(new Set(['well']))
  })

  it('is suspended for all of its services', async () => {
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

  it('is no longer probed after it leaves or after this node leaves', async () => {
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

it('the health of replicas ignores calls that time out after their replica has left', async () => {
  const mesh = twoReplicas()
  const calls = Array.from({ length: 4 }, () => rejection(mesh.call('find', [], { node: 'hangs', timeout: 5 })))
  mesh.registry.leave('hangs')
  await Promise.all(calls)
  mesh.join('hangs')
  expect(probesOf(mesh, 'hangs')).toEqual([])
  expect(next(mesh)).toEqual(new Set(['hangs', 'well']))
})
