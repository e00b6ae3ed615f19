import { PeerPlaces } from '../../../../lib/transport/cote/outbound/peer-places'
import { PeerReach } from '../../../../lib/transport/cote/outbound/peer-reach'

const reach = (): PeerReach => new PeerReach(new PeerPlaces({ address: '127.0.0.1', port: 1 }), {})

describe('a node that takes connections and has never answered', () => {
  beforeEach(() => { jest.useFakeTimers() })
  afterEach(() => { jest.useRealTimers() })

  it.each([true, false])('is waited for, for at most 30 seconds, where it has joined: %s', hasJoined => {
    const silent = reach()
    silent.hasJoined = hasJoined
    expect(silent.mayWait()).toBe(true)
    jest.advanceTimersByTime(29_000)
    expect(silent.mayWait()).toBe(true)
    jest.advanceTimersByTime(2_000)
    expect(silent.mayWait()).toBe(false)
  })
})
