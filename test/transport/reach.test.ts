import { joined, reachBy } from '../../lib/transport/reach'

const clock = { roundTripMs: 2 }
const silent = { roundTripMs: undefined }

describe('how a peer is reached', () => {
  it('is a way, with a place and a time where they are known', () => {
    expect(reachBy('cote', clock, '127.0.0.1:1')).toEqual({ way: 'cote', address: '127.0.0.1:1', roundTripMs: 2 })
    expect(reachBy('nats', silent)).toEqual({ way: 'nats' })
  })

  it('is by several ways those of all, with the time of the first one', () => {
    const ways = [reachBy('cote', clock, '127.0.0.1:1'), reachBy('nats', { roundTripMs: 5 })]
    expect(joined(ways)).toEqual({ way: 'cote, nats', address: '127.0.0.1:1', roundTripMs: 2 })
    expect(joined([reachBy('nats', silent), reachBy('nats', silent)])).toEqual({ way: 'nats, nats' })
    expect(joined([])).toBeUndefined()
  })
})
