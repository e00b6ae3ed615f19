import { setImmediate as nextTurn } from 'node:timers/promises'
import { CallScopes, type CallScope } from '../../lib/remote/call-scope'

const scope = (ended = false): CallScope => ({ deadline: 1, signal: new AbortController().signal, ended })

/** What code sees that runs in a scope and waits a turn. */
async function seenIn (scopes: CallScopes, served: CallScope): Promise<CallScope | undefined> {
  return await scopes.run(served, async () => {
    await nextTurn()
    return scopes.current()
  })
}

describe('the call on whose behalf code runs', () => {
  it('is found behind whatever was awaited, each its own', async () => {
    const scopes = new CallScopes()
    scopes.current()
    const [one, other] = [scope(), scope()]
    expect(await Promise.all([seenIn(scopes, one), seenIn(scopes, other)])).toEqual([one, other])
    expect(scopes.current()).toBeUndefined()
  })

  it('is found by the first who asks, when one call is served', async () => {
    const scopes = new CallScopes()
    const served = scope()
    expect(await seenIn(scopes, served)).toBe(served)
    scopes.end(served)
    expect(scopes.current()).toBeUndefined()
  })

  it('is none for the first who asks, when several calls are served: it could be any of them', async () => {
    const scopes = new CallScopes()
    expect(await Promise.all([seenIn(scopes, scope()), seenIn(scopes, scope())])).toEqual([undefined, undefined])
  })

  it('is none when it has its reply', async () => {
    const scopes = new CallScopes()
    scopes.current()
    expect(await seenIn(scopes, scope(true))).toBeUndefined()
  })
})
