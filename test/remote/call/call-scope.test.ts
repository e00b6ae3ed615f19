import { setImmediate as nextTurn } from 'node:timers/promises'
import { CallScopes, type CallScope } from '../../../lib/remote/call/call-scope'
import { ScriptedMesh } from '../scripted-transport'

const scope = (ended = false): CallScope => ({ deadline: 1, signal: new AbortController().signal, ended })

/** What code sees that runs in a scope and waits a turn. */
async function seenIn (scopes: CallScopes, served: CallScope): Promise<CallScope | undefined> {
  return await scopes.run(served, async () => {
    await nextTurn()
    return scopes.current()
  })
}

describe('the scope of a served call', () => {
  it('is found after any await, separately for each call', async () => {
    const scopes = new CallScopes()
    scopes.track()
    const [one, other] = [scope(), scope()]
    expect(await Promise.all([seenIn(scopes, one), seenIn(scopes, other)])).toEqual([one, other])
    expect(scopes.current()).toBeUndefined()
  })

  it('is found before any await although nothing was tracked when the call began', () => {
    const scopes = new CallScopes()
    const [outer, inner] = [scope(), scope()]
    const seen = scopes.run(outer, () => {
      const within = scopes.run(inner, () => scopes.current())
      return [within, scopes.current()]
    })
    expect(seen).toEqual([inner, outer])
    expect(scopes.current()).toBeUndefined()
  })

  it('is not that of a call that merely runs at the same time, be it the only one', async () => {
    const scopes = new CallScopes()
    let done = (): void => {}
    const served = scopes.run(scope(), async () => await new Promise<void>(resolve => { done = resolve }))
    expect(scopes.current()).toBeUndefined()
    await nextTurn()
    expect(scopes.current()).toBeUndefined()
    done()
    await served
  })

  it('is not left behind by work that throws', () => {
    const scopes = new CallScopes()
    expect(() => scopes.run(scope(), () => { throw new Error('no') })).toThrow('no')
    expect(scopes.current()).toBeUndefined()
  })

  it('is found for each of several calls when a remote was used before', async () => {
    const mesh = new ScriptedMesh({ timeout: 60_000 })
    mesh.join('one')
    mesh.remotes.get('todos')
    const deadlines = [1_000, 2_000].map(time => Date.now() + time)
    const calls = deadlines.map(deadline => mesh.remotes.scopes.run({ ...scope(), deadline }, async () => {
      await nextTurn()
      void mesh.call('find')
    }))
    await Promise.all(calls)
    expect(mesh.transport.sent.map(({ request }) => request.deadline)).toEqual(deadlines)
  })

  it('is not found after the call has been answered', async () => {
    const scopes = new CallScopes()
    scopes.track()
    expect(await seenIn(scopes, scope(true))).toBeUndefined()
  })
})
