import type { TransportError } from 'feathers-mesh/transport'
import { UnsentRequests } from '../../../../lib/transport/session/requests/unsent-requests'

describe('Requests that cannot be sent', () => {
  it('fail later as not sent, unless they are cancelled until then', async () => {
    const unsent = new UnsentRequests()
    const failures: TransportError[] = []
    const handler = { settle: () => {}, fail: (error: TransportError) => failures.push(error) }
    const [first, second] = [unsent.add(handler, 'first'), unsent.add(handler, 'second')]
    expect(failures).toEqual([])
    expect([first < 0, second < 0, first === second]).toEqual([true, true, false])
    expect(unsent.cancel(second)).toBe(true)
    await new Promise(resolve => setImmediate(resolve))
    expect(failures.map(({ message, outcome }) => [message, outcome])).toEqual([['first', 'not-sent']])
    expect(unsent.cancel(first)).toBe(false)
  })
})
