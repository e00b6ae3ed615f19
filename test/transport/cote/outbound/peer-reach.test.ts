import { PeerPlaces } from '../../../../lib/transport/cote/outbound/peer-places'
import { PeerReach } from '../../../../lib/transport/cote/outbound/peer-reach'

const reach = (): PeerReach => new PeerReach(new PeerPlaces({ address: '127.0.0.1', port: 1 }), {})

describe('a node that takes connections and has never answered', () => {
  beforeEach(() => { jest.useFakeTimers() })
  afterEach(() => { jest.useRealTimers() })

  it('is waited for where it has joined, for at most 30 seconds', () => {
    const joined = reach()
    joined.hasJoined = true
    expect(joined.mayWait()).toBe(true)
    jest.advanceTimersByTime(29_000)
    expect(joined.mayWait()).toBe(true)
    jest.advanceTimersByTime(2_000)
    expect(joined.mayWait()).toBe(false)
  })

  it('is given up at once where nobody knows what it offers', () => {
    expect(reach().mayWait()).toBe(false)
  })
})
