import { once } from 'node:events'
import { ServedCallScope } from '../../../lib/feathers/serving/served-call-scope'
import type { IncomingCall } from '../../../lib/transport/transport'

const call: IncomingCall = { request: { method: 'find', key: 'default', path: 'todos' }, reply: () => {} }

describe('the signal of a served call', () => {
  it('aborts when its deadline passes, even if that was before anybody read it', async () => {
    const { signal } = new ServedCallScope(call, Date.now() - 100)
    await once(signal, 'abort')
    expect((signal.reason as Error).message).toBe('the time of the call is over')
  })
})
