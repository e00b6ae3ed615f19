import type { NatsPeer } from '../../../lib/transport/nats/nats-peer'
import { Watch } from '../../../lib/transport/nats/watch'

/** A peer with what is watched of it. */
interface Watched {
  readonly id: number
  heardAt: number
  isWatched: boolean
  readonly session: { isWaiting: boolean, isListening: boolean, isPeerDone: boolean, pings: number }
}

/** A node's watch, in a time that a test lets pass. */
class World {
  readonly peers: NatsPeer[] = []
  /** Which peers were probed, and when; which were found to be gone, or silent. */
  readonly probed: Array<readonly [id: number, at: number]> = []
  readonly gone: number[] = []
  readonly silent: Array<readonly [id: number, at: number]> = []
  readonly reasons: string[] = []
  isLeaving = false
  /** The server: whether it answers. */
  readonly server = {
    answers: true,
    answeredAt: 0,
    ask: () => { if (this.server.answers) this.server.answeredAt = performance.now() }
  }

  readonly watch = new Watch({
    peers: () => this.peers,
    isLeaving: () => this.isLeaving,
    probe: peer => this.probed.push([idOf(peer), performance.now()]),
    onGone: peer => {
      this.gone.push(idOf(peer))
      this.drop(peer)
    },
    server: this.server,
    onSilent: (peer, reason) => {
      this.reasons.push(reason)
      this.silent.push([idOf(peer), performance.now()])
      this.drop(peer)
    },
    helloInterval: 10_000,
    sayHello: () => {},
    nodeTimeout: 30_000,
    silenceTimeout: undefined
  })

  /** @param isWaiting - whether a call to it waits */
  add (id: number, isWaiting: boolean): NatsPeer & Watched {
    const session = {
      isWaiting, isListening: false, isServing: false, isPeerDone: false, pings: 0,
      ping: () => { session.pings++ },
      onCaughtUp: () => {}
    }
    const peer = { id, heardAt: performance.now(), probedAt: 0, isWatched: false, session }
    // All that a watch uses of a peer.
    const made = peer as unknown as NatsPeer & Watched
    this.peers.push(made)
    if (isWaiting) this.watch.expect(made)
    return made
  }

  private drop (peer: NatsPeer): void {
    this.peers.splice(this.peers.indexOf(peer), 1)
    Object.assign(peer.session, { isWaiting: false })
  }
}

function idOf (peer: NatsPeer): number {
  return Number(peer.id)
}

let world: World

beforeEach(() => {
  jest.useFakeTimers()
  world = new World()
  world.watch.start()
})
afterEach(() => {
  world.watch.stop()
  jest.useRealTimers()
})

describe('a peer on NATS', () => {
  it.each([0, 130, 250, 499, 777, 999])('is given up within 3 s of its last word, %d ms after a look at it', offset => {
    jest.advanceTimersByTime(20_000 + offset)
    const vanished = world.add(1, true)
    vanished.heardAt = performance.now() - 15_000
    const askedAt = performance.now()
    jest.advanceTimersByTime(5_000)
    expect(world.silent).toHaveLength(1)
    expect(world.silent[0][1] - askedAt).toBeLessThanOrEqual(3_000)
    expect(world.silent[0][1] - askedAt).toBeGreaterThanOrEqual(2_000)
  })

  it('is asked for a sign of life once a second while a call waits, and stays while it gives any', () => {
    const peer = world.add(1, true)
    for (let second = 0; second < 10; second++) {
      jest.advanceTimersByTime(1_000)
      peer.heardAt = performance.now()
    }
    expect(peer.session.pings).toBe(10)
    expect(world.silent).toEqual([])
  })

  it('is silent where the server answers, and else out of reach together with the server', () => {
    for (const answers of [true, false]) {
      world.server.answers = answers
      world.add(1, true)
      jest.advanceTimersByTime(3_000)
    }
    expect(world.reasons).toEqual(['silent', 'disconnected'])
  })

  it('is probed while the node leaves and the peer may still send calls, and no longer', () => {
    const [dead, done] = [world.add(1, false), world.add(2, false)]
    world.isLeaving = true
    for (const peer of [dead, done]) world.watch.expect(peer)
    done.session.isPeerDone = true
    jest.advanceTimersByTime(100)
    expect([...new Set(world.probed.map(([id]) => id))]).toEqual([1])
    jest.advanceTimersByTime(3_000)
    expect(world.silent.map(([id]) => id)).toEqual([1])
    expect(done.isWatched).toBe(false)
  })

  it('is probed only while a call waits and nothing came of it for 50 ms', () => {
    world.add(1, false)
    const busy = world.add(2, true)
    for (let ms = 0; ms < 1_000; ms += 20) {
      busy.heardAt = performance.now()
      jest.advanceTimersByTime(20)
    }
    expect(world.probed).toEqual([])
    jest.advanceTimersByTime(100)
    expect(world.probed.map(([id]) => id)).toContain(2)
    expect(world.probed.map(([id]) => id)).not.toContain(1)
  })

  it('is lost when the server knows nobody at a second probe, and stays if it was heard since', () => {
    const [gone, there] = [world.add(1, true), world.add(2, true)]
    jest.advanceTimersByTime(100)
    world.watch.onUnheard(gone)
    world.watch.onUnheard(there)
    jest.advanceTimersByTime(30)
    there.heardAt = performance.now()
    world.watch.onUnheard(gone)
    world.watch.onUnheard(there)
    expect(world.gone).toEqual([1])
  })
})

describe('peers on NATS that are lost at once', () => {
  it('are probed at most 200 times a second, the longest silent first', () => {
    jest.advanceTimersByTime(10_000)
    for (let id = 0; id < 1_000; id++) world.add(id, true).heardAt -= id
    const from = performance.now()
    jest.advanceTimersByTime(40)
    for (const peer of [...world.peers]) world.watch.onUnheard(peer)
    jest.advanceTimersByTime(1_960)
    const seconds = (performance.now() - from) / 1_000
    expect(world.probed.length).toBeLessThanOrEqual(10 + 200 * seconds)
    expect(world.probed.length).toBeGreaterThan(100 * seconds)
    expect(world.probed.slice(0, 5).map(([id]) => id)).toEqual([999, 998, 997, 996, 995])
  })
})
