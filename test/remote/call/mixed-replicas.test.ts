import type { Contract } from 'feathers-mesh'
import { rejection, until } from '../../until'
import { ScriptedMesh, todos } from '../scripted-transport'

/** `create` may run twice for these replicas, … */
const SAYS_TWICE = todos(['find', 'create!'])
/** … and must not for these. */
const SAYS_ONCE = todos(['find', 'create'])

/** Replicas of two releases: each says for itself whether `create` may run twice. */
function mixed (options: object, ...replicas: ReadonlyArray<readonly [id: string, contract: Contract]>): ScriptedMesh {
  const mesh = new ScriptedMesh(options)
  for (const [id, contract] of replicas) mesh.join(id, contract)
  return mesh
}

/** Asks the replicas in this order, as far as they may be asked. */
const inOrder = (...ids: string[]) => ({
  routing: (replicas: ReadonlyArray<{ readonly id: string }>) => {
    const known = replicas.map(({ id }) => id)
    return ids.find(id => known.includes(id)) ?? 'none'
  }
})

describe('a call whose replicas differ in whether it may run twice', () => {
  it('is not sent again when the replica that may have run it says no, whatever others say', async () => {
    const mesh = mixed(inOrder('once', 'twice'), ['twice', SAYS_TWICE], ['once', SAYS_ONCE], ['other', SAYS_ONCE])
    const call = mesh.call('create')
    expect(mesh.last.node).toBe('once')
    mesh.last.fail('unknown')
    expect(await rejection(call)).toMatchObject({
      data: { code: 'MESH_CONNECTION_LOST', node: 'once', outcome: 'unknown' }
    })
    expect(mesh.asked).toEqual(['once'])
  })

  it('is not sent to a replica that says no, but to one that says yes', async () => {
    const mesh = mixed(inOrder('first', 'once', 'twice'),
      ['first', SAYS_TWICE], ['once', SAYS_ONCE], ['twice', SAYS_TWICE])
    const call = mesh.call('create')
    mesh.last.fail('unknown')
    expect(mesh.asked).toEqual(['first', 'twice'])
    mesh.last.reply('created')
    expect(await call).toBe('created')
  })

  it('rejects at once with the unknown outcome when only replicas are left that say no', async () => {
    const mesh = mixed(inOrder('twice'), ['twice', SAYS_TWICE], ['once', SAYS_ONCE])
    const call = mesh.call('create')
    mesh.last.fail('unknown', 'the connection was lost')
    mesh.registry.leave('twice')
    const error = await rejection(call)
    expect(error).toMatchObject({ name: 'Unavailable', data: { path: 'todos', method: 'create', outcome: 'unknown' } })
    expect(error.message).toContain('the connection was lost')
    expect(mesh.asked).toEqual(['twice'])
  })

  it('waits for another replica that says yes when there is none, and for no other', async () => {
    const mesh = mixed(inOrder('twice'), ['twice', SAYS_TWICE])
    const call = mesh.call('create', [], { timeout: 60_000 })
    mesh.registry.leave('twice')
    mesh.last.fail('unknown')
    mesh.join('next', SAYS_TWICE)
    expect(mesh.asked).toEqual(['twice', 'next'])
    mesh.last.reply('created')
    expect(await call).toBe('created')
  })

  it('is sent on to any replica while it was not sent to one', async () => {
    const mesh = mixed(inOrder('first', 'once'), ['first', SAYS_TWICE], ['once', SAYS_ONCE])
    const call = mesh.call('create')
    mesh.last.fail('not-sent')
    expect(mesh.asked).toEqual(['first', 'once'])
    mesh.last.fail('unknown')
    expect(await rejection(call)).toMatchObject({ data: { node: 'once', outcome: 'unknown' } })
  })

  it('stays with a replica that says no when its time for one attempt is over', async () => {
    const mesh = mixed({ ...inOrder('once', 'twice'), attemptTimeout: 1, timeout: 40 },
      ['twice', SAYS_TWICE], ['once', SAYS_ONCE])
    expect(await rejection(mesh.call('create'))).toMatchObject({ name: 'Timeout', data: { node: 'once' } })
    expect(mesh.asked).toEqual(['once'])
  })

  it('leaves a replica that says yes for another one when its time for one attempt is over', async () => {
    const mesh = mixed({ ...inOrder('first', 'once', 'twice'), attemptTimeout: 1, retries: 1 },
      ['once', SAYS_ONCE], ['first', SAYS_TWICE], ['twice', SAYS_TWICE])
    const call = mesh.call('create')
    await until('the next attempt', () => mesh.asked.length === 2)
    expect(mesh.asked).toEqual(['first', 'twice'])
    mesh.last.reply('created')
    expect(await call).toBe('created')
  })

  it('never runs a second time where one of the two says no, in whatever order replicas fail', async () => {
    for (let round = 0; round < 200; round++) {
      const contracts = Array.from({ length: 4 }, () => Math.random() < 0.5 ? SAYS_TWICE : SAYS_ONCE)
      const mesh = mixed({ retryDelay: 1 }, ...contracts.map((each, n) => [`replica ${n}`, each] as const))
      const call = mesh.call('create')
      let over = false
      const end = call.catch(() => {}).finally(() => { over = true })
      const ran: string[] = []
      for (let n = 0; !over && n < 5; n++) {
        const outcome = Math.random() < 0.5 ? 'unknown' : 'not-sent'
        if (outcome === 'unknown') ran.push(mesh.last.node)
        mesh.last.fail(outcome)
        await until('the next attempt, or the end', () => over || mesh.asked.length > n + 1)
      }
      if (!over) ran.push(mesh.last.node)
      if (!over) mesh.last.reply('created')
      await end
      const saysOnce = ran.filter(id => contracts[Number(id.split(' ')[1])] === SAYS_ONCE)
      if (ran.length > 1) expect(saysOnce).toEqual([])
    }
  })
})

describe('the timeout of a call whose replicas differ', () => {
  const withTimeout = (timeout: number): Contract =>
    ({ path: 'todos', events: [], methods: [{ name: 'create', idempotent: false, timeout }] })

  it('is that of the replica that is asked first', async () => {
    const mesh = mixed(inOrder('patient', 'hasty'), ['hasty', withTimeout(5)], ['patient', withTimeout(60_000)])
    void mesh.call('create').catch(() => {})
    expect(mesh.last.request.deadline).toBeGreaterThan(Date.now() + 30_000)

    const other = mixed(inOrder('hasty', 'patient'), ['patient', withTimeout(60_000)], ['hasty', withTimeout(5)])
    expect((await rejection(other.call('create'))).message).toContain('within 5 ms')
  })

  it('stays the same for the replicas that are asked next', () => {
    const mesh = mixed(inOrder('patient', 'hasty'), ['patient', withTimeout(60_000)], ['hasty', withTimeout(5)])
    void mesh.call('create').catch(() => {})
    const { deadline } = mesh.last.request
    mesh.last.fail('not-sent')
    expect([mesh.last.node, mesh.last.request.deadline]).toEqual(['hasty', deadline])
  })
})
