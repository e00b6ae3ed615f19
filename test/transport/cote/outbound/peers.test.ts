import type { Discovery } from '../../../../lib/transport/cote/discovery/discovery'
import type { CotePeer, PeerOptions } from '../../../../lib/transport/cote/outbound/cote-peer'
import { Peers } from '../../../../lib/transport/cote/outbound/peers'
import type { TransportHost } from '../../../../lib/transport/transport'

describe('a node', () => {
  const rejected: unknown[] = []
  let peers: Peers

  beforeEach(() => {
    jest.useFakeTimers()
    const host = { left: () => {}, ended: () => {} } as unknown as TransportHost
    const discovery = { components: [], delete: () => {} } as unknown as Discovery
    const options = {
      connectTimeout: 1, idleTimeout: 600_000, maxMessageSize: 1, maxBacklog: 1, log: false,
      onRejected: (...rejection: unknown[]) => rejected.push(rejection)
    }
    peers = new Peers(host, discovery, options as unknown as ConstructorParameters<typeof Peers>[2])
  })

  afterEach(() => {
    peers.destroy()
    jest.useRealTimers()
  })

  /** A peer with what a test needs of it, and what it was given. */
  const add = (id: string, peer: Partial<CotePeer>): PeerOptions => {
    let given: PeerOptions | undefined
    peers.add(id, options => {
      given = options
      return { id, destroy: () => {}, depart: async () => {}, ...peer } as CotePeer
    })
    return given as PeerOptions
  }

  it('looks at a peer while that has connections, and begins again when it dials that', () => {
    let connections = 1
    const checkAlive = jest.fn(() => connections > 0)
    const checkSilence = jest.fn()
    const others = jest.fn(() => false)
    add('other', { checkAlive: others, checkSilence: others })
    const { onDial } = add('peer', { checkAlive, checkSilence })
    jest.advanceTimersByTime(3_000)
    expect(checkAlive).not.toHaveBeenCalled()
    onDial?.()
    jest.advanceTimersByTime(3_000)
    expect([checkAlive.mock.calls.length, checkSilence.mock.calls.length]).toEqual([3, 8])
    connections = 0
    jest.advanceTimersByTime(3_000)
    expect(checkAlive).toHaveBeenCalledTimes(4)
    expect(jest.getTimerCount()).toBe(1)
    connections = 1
    onDial?.()
    jest.advanceTimersByTime(1_000)
    expect(checkAlive).toHaveBeenCalledTimes(5)
    expect(others).not.toHaveBeenCalled()
  })

  it('looks at a peer that leaves until it has ended', async () => {
    const checkDeparture = jest.fn()
    let end = (): void => {}
    const departed = new Promise<void>(resolve => { end = resolve })
    const depart = async (): Promise<void> => await departed
    const { onDial, onLeave } = add('peer', { checkAlive: () => true, checkDeparture, depart })
    onDial?.()
    onLeave('goodbye')
    jest.advanceTimersByTime(3_000)
    expect(checkDeparture).toHaveBeenCalledTimes(3)
    end()
    await departed
    await jest.advanceTimersByTimeAsync(3_000)
    expect(checkDeparture).toHaveBeenCalledTimes(3)
  })

  it('looks again at a peer at which it could not look', () => {
    const checkAlive = jest.fn(() => { throw new Error('no look') })
    add('peer', { checkAlive }).onDial?.()
    jest.advanceTimersByTime(3_000)
    expect(checkAlive).toHaveBeenCalledTimes(3)
    expect(rejected).toHaveLength(3)
  })
})
