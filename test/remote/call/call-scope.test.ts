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
    scopes.current()
    const [one, other] = [scope(), scope()]
    expect(await Promise.all([seenIn(scopes, one), seenIn(scopes, other)])).toEqual([one, other])
    expect(scopes.current()).toBeUndefined()
  })

  it('is found by the first code that asks while a single call is served', async () => {
    const scopes = new CallScopes()
    const served = scope()
    expect(await seenIn(scopes, served)).toBe(served)
    scopes.end(served)
    expect(scopes.current()).toBeUndefined()
  })

  it('is not found by the first code that asks when the call began beside another one', async () => {
    const scopes = new CallScopes()
    const [ended, served] = [scope(), scope()]
    scopes.run(ended, () => {})
    const seen = seenIn(scopes, served)
    scopes.end(ended)
    expect(await seen).toBeUndefined()
  })

  it('is not found by the first code that asks while several calls are served, as it is ambiguous', async () => {
    const scopes = new CallScopes()
    expect(await Promise.all([seenIn(scopes, scope()), seenIn(scopes, scope())])).toEqual([undefined, undefined])
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

  it('is assumed only once, so that a hung call does not lend its scope to later code', async () => {
    const scopes = new CallScopes()
    const hanging = scope()
    scopes.run(hanging, () => {})
    expect(scopes.current()).toBe(hanging)
    expect(scopes.current()).toBeUndefined()
  })

  it('is not found after the call has been answered', async () => {
    const scopes = new CallScopes()
    scopes.current()
    expect(await seenIn(scopes, scope(true))).toBeUndefined()
  })
})
