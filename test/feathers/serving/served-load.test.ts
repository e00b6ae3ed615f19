import type { Caller } from '../../../lib/contract/contract'
import { ServedLoad } from '../../../lib/feathers/serving/served-load'

const callerOf = (node?: string, key?: string, proven = false): Caller =>
  Object.freeze({ proven, node, key, address: '127.0.0.1' })

/** Begins calls for a caller until there is no room for one more, and returns their number. */
function fill (load: ServedLoad, caller: Caller): number {
  const ofCaller = load.of(caller)
  let calls = 0
  for (; load.hasRoomForCall(ofCaller); calls++) load.add(ofCaller, 0)
  return calls
}

describe('the calls that a node serves at a time', () => {
  it('may all be those of one peer, but for an eighth', () => {
    const load = new ServedLoad({ maxInFlight: 800, maxInFlightBytes: 1 })
    expect(fill(load, callerOf('a'))).toBe(700)
  })

  it('are all of the bound where it is below eight', () => {
    const load = new ServedLoad({ maxInFlight: 5, maxInFlightBytes: 1 })
    expect(fill(load, callerOf('a'))).toBe(5)
  })

  it('leave room for a peer that has few of them, however many peers take what they can', () => {
    const load = new ServedLoad({ maxInFlight: 800, maxInFlightBytes: 1 })
    const taken = ['a', 'b', 'c', 'd', 'e'].map(node => fill(load, callerOf(node)))
    expect(taken).toEqual([700, 50, 25, 13, 6])
    expect(load.hasRoomForCall(load.of(callerOf('late')))).toBe(true)
  })

  it('make room again when they end', () => {
    const load = new ServedLoad({ maxInFlight: 80, maxInFlightBytes: 1 })
    const a = load.of(callerOf('a'))
    expect(fill(load, callerOf('a'))).toBe(70)
    load.delete(a, 0)
    expect(load.hasRoomForCall(a)).toBe(true)
  })

  it('are counted together for connections of one node, one proven key, or one address', () => {
    const load = new ServedLoad({ maxInFlight: 80, maxInFlightBytes: 1 })
    expect(load.of(callerOf('a', 'key'))).toBe(load.of(callerOf('a', 'key')))
    expect(load.of(callerOf('a', 'key', true))).toBe(load.of(callerOf('b', 'key', true)))
    expect(load.of(callerOf())).toBe(load.of(callerOf()))
    expect(load.of(callerOf('a', 'key'))).not.toBe(load.of(callerOf('b', 'key')))
    expect(load.of(callerOf('127.0.0.1'))).not.toBe(load.of(callerOf()))
  })

  it('are counted for a peer that went on calling while 2000 others came and went', () => {
    const load = new ServedLoad({ maxInFlight: 80, maxInFlightBytes: 1 })
    const caller = callerOf('a')
    load.add(load.of(caller), 0)
    for (let n = 0; n < 2_000; n++) load.of(callerOf(`other ${n}`))
    expect(load.of(caller).calls).toBe(1)
  })
})

describe('the bytes of these calls', () => {
  it('are bounded, and an eighth of them is for peers that have few', () => {
    const load = new ServedLoad({ maxInFlight: 100, maxInFlightBytes: 800 })
    const a = load.of(callerOf('a'))
    load.add(a, 650)
    expect([50, 51].map(bytes => load.hasRoomForBytes(a, bytes))).toEqual([true, false])
    load.add(a, 50)
    const b = load.of(callerOf('b'))
    expect([100, 101].map(bytes => load.hasRoomForBytes(b, bytes))).toEqual([true, false])
    load.delete(a, 700)
    expect(load.hasRoomForBytes(a, 1)).toBe(true)
  })

  it('may be more for a single call, as nothing else could ever run it', () => {
    const load = new ServedLoad({ maxInFlight: 100, maxInFlightBytes: 800 })
    const a = load.of(callerOf('a'))
    expect(load.hasRoomForBytes(a, 10_000)).toBe(true)
    load.add(a, 10_000)
    expect(load.hasRoomForBytes(load.of(callerOf('b')), 1)).toBe(false)
  })
})
