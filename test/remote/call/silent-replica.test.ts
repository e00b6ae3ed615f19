import { rejection, until } from '../../until'
import { ScriptedMesh, todos } from '../scripted-transport'

/** A mesh of these replicas, which are asked in this order as long as they are not set aside. */
function meshOf (...ids: readonly string[]): ScriptedMesh {
  const mesh = new ScriptedMesh({
    timeout: 60_000,
    retryDelay: 1,
    routing: replicas => ids.find(id => replicas.some(replica => replica.id === id)) ?? 'none'
  })
  for (const id of ids) mesh.join(id)
  return mesh
}

const finds = (mesh: ScriptedMesh): string[] =>
  mesh.transport.sent.filter(({ request: { method } }) => method !== 'healthcheck').map(({ node }) => node)

describe('a call whose replica answers no probe', () => {
  it('goes to another replica where it may be repeated, and is cancelled at the first', async () => {
    const mesh = meshOf('silent', 'well')
    const call = mesh.call('find')
    const { last } = mesh
    last.goUnanswered()
    expect(finds(mesh)).toEqual(['silent', 'well'])
    expect(mesh.transport.forgotten).toEqual([['silent', 1]])
    // Whatever comes of the first attempt now is no news.
    last.goUnanswered()
    mesh.transport.sent.find(({ node, request }) => node === 'well' && request.method === 'find')?.reply('found')
    expect(await call).toBe('found')
  })

  it('stays where it must not run twice', () => {
    const mesh = meshOf('silent', 'well')
    void mesh.call('create').catch(() => {})
    mesh.last.goUnanswered()
    expect(finds(mesh)).toEqual(['silent'])
  })

  it('stays where the other replicas say that it must not run twice', () => {
    const mesh = meshOf('silent')
    mesh.join('silent', todos(['create!']))
    mesh.join('once', todos(['create']))
    void mesh.call('create', [], { node: 'silent' }).catch(() => {})
    mesh.last.goUnanswered()
    expect(finds(mesh)).toEqual(['silent'])
  })

  it('stays where there is no other replica, and leaves when one comes', () => {
    const mesh = meshOf('silent', 'well')
    mesh.registry.leave('well')
    void mesh.call('find').catch(() => {})
    const [sent] = mesh.transport.sent
    sent?.goUnanswered()
    expect(finds(mesh)).toEqual(['silent'])
    mesh.join('well')
    sent?.goUnanswered()
    expect(finds(mesh)).toEqual(['silent', 'well'])
  })

  it('stays where the call names its node, or has no attempt left', () => {
    const mesh = meshOf('silent', 'well')
    void mesh.call('find', [], { node: 'silent' }).catch(() => {})
    void mesh.call('find', [], { retries: 0 }).catch(() => {})
    for (const sent of [...mesh.transport.sent]) sent.goUnanswered()
    expect(finds(mesh)).toEqual(['silent', 'silent'])
  })

  it('stays where all others answer no probe either', () => {
    const mesh = meshOf('silent', 'too')
    void mesh.call('create', [], { node: 'too' }).catch(() => {})
    mesh.last.goUnanswered()
    void mesh.call('find').catch(() => {})
    mesh.transport.sent.find(({ node }) => node === 'silent')?.goUnanswered()
    expect(finds(mesh)).toEqual(['too', 'silent'])
  })

  it('has an unknown outcome from then on', async () => {
    const mesh = meshOf('silent', 'well')
    const call = mesh.call('find', [], { retries: 1 })
    mesh.last.goUnanswered()
    mesh.transport.sent.find(({ node }) => node === 'well')?.fail('not-sent')
    expect(await rejection(call)).toMatchObject({ data: { outcome: 'unknown' } })
  })
})

describe('a replica that answers no probe', () => {
  it('gets no new calls while another is there, until it answers a probe of its own', async () => {
    const mesh = meshOf('silent', 'well')
    void mesh.call('create').catch(() => {})
    mesh.last.goUnanswered()
    const probes = () => mesh.transport.sent.filter(({ request: { method } }) => method === 'healthcheck')
    expect(probes().map(({ node }) => node)).toEqual(['silent'])
    for (let n = 0; n < 3; n++) void mesh.call('create').catch(() => {})
    expect(finds(mesh)).toEqual(['silent', 'well', 'well', 'well'])
    await until('another probe', () => probes().length > 1)
    probes().at(-1)?.reply(true)
    void mesh.call('create').catch(() => {})
    expect(finds(mesh).at(-1)).toBe('silent')
  })

  it('gets calls again when a call of it is answered', () => {
    const mesh = meshOf('silent', 'well')
    void mesh.call('create').catch(() => {})
    const [sent] = mesh.transport.sent
    sent?.goUnanswered()
    sent?.reply('late')
    void mesh.call('create').catch(() => {})
    expect(finds(mesh)).toEqual(['silent', 'silent'])
  })
})
