import { PROCESS_LOG } from '../../../../lib/log'
import type { Caller } from '../../../../lib/contract/contract'
import { PlacesWay } from '../../../../lib/transport/cote/discovery/places/asked-places'
import type { HelloLink, LinkEvents } from '../../../../lib/transport/cote/discovery/places/hello-link'
import { Visits, type Visit } from '../../../../lib/transport/cote/discovery/places/visits'
import type { LookContext, Medium, NodePlace, WayContext } from '../../../../lib/transport/cote/discovery/way'

/** A dial that a test answers. */
class Dialled implements HelloLink {
  heardAt = 0
  isClosed = false
  readonly said: string[] = []
  readonly whenClosed = Promise.resolve()
  answer: readonly Buffer[] = []

  constructor (readonly host: string, readonly answerTimeout: number, readonly events: LinkEvents) {}

  say (hello: string): void {
    this.said.push(hello)
  }

  close (failure?: string): void {
    if (this.isClosed) return
    this.isClosed = true
    this.events.onClose(failure)
  }

  destroy (): void {
    this.close()
  }

  /** A node answers. */
  isNode (id: string, address = '127.0.0.1'): void {
    this.heardAt = performance.now()
    this.answer = this.events.onNode(id, address)
    if (this.answer.length === 0) this.close()
  }
}

/** The places of a node, whose dials and visits a test makes, in a time that it lets pass. */
class World {
  readonly dials: Dialled[] = []
  readonly rejected: string[] = []
  readonly failures = new Map<string, string | undefined>()
  readonly visits = new Visits()
  again = 0
  tell: LookContext['onPlaces'] = () => {}
  private medium: Medium | undefined

  async open (isClosed = false): Promise<void> {
    const way = new PlacesWay({
      id: 'b',
      isClosed,
      visits: this.visits,
      staysHere: true,
      silentMs: 30_000,
      onFailure: (place, reason) => { this.failures.set(place, reason) },
      dial: ({ host }, answerTimeout, events) => {
        const dialled = new Dialled(host, answerTimeout, events)
        this.dials.push(dialled)
        return dialled
      },
      ways: [{
        hosts: [],
        title: () => 'by a test',
        look: ({ onPlaces }) => {
          this.tell = onPlaces
          return { again: () => { this.again++ }, stop: () => {} }
        }
      }]
    })
    const context: WayContext = {
      port: 1, address: '127.0.0.1', environment: '', log: PROCESS_LOG,
      isClosed: false, receive: () => {}, onUp: () => {},
      hellos: () => [Buffer.from('hello')], onRejected: reason => this.rejected.push(reason)
    }
    await this.visits.open(context)
    this.medium = await way.open(context)
  }

  async close (): Promise<void> {
    await this.medium?.close()
  }

  async send (text: string): Promise<void> {
    await this.medium?.send(Buffer.from(text))
  }

  /** Dials that are not over. */
  get pending (): Dialled[] {
    return this.dials.filter(({ isClosed }) => !isClosed)
  }
}

const placesOf = (...hosts: readonly number[]): NodePlace[] => {
  return hosts.map(n => ({ host: `127.0.${n >> 8}.${n & 255}`, port: 4100 }))
}

/** A connection of a node that asks. */
function visitOf (node: string, address = '127.0.0.2'): Visit {
  const caller: Caller = { node, key: 'default', proven: false, address }
  return { caller, sayHellos: () => {} }
}

let world: World

/** Refuses all dials for a time; gives how many there were. */
async function refused (milliseconds: number): Promise<number> {
  const before = world.dials.length
  for (let ms = 0; ms < milliseconds; ms += 10) {
    for (const dialled of world.pending) dialled.close()
    await jest.advanceTimersByTimeAsync(10)
  }
  return world.dials.length - before
}

beforeEach(async () => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'queueMicrotask', 'nextTick'] })
  world = new World()
  await world.open()
})

afterEach(async () => {
  const closing = world.close()
  await jest.advanceTimersByTimeAsync(1_000)
  await closing
  jest.useRealTimers()
})

describe('places', () => {
  it('are dialled 64 at a time, and the others when there is room', () => {
    world.tell(placesOf(...Array(100).keys()))
    expect(world.dials).toHaveLength(64)
    for (const dialled of world.dials.slice(0, 10)) dialled.close()
    expect(world.pending).toHaveLength(64)
    world.dials[20].isNode('some node')
    expect(world.pending).toHaveLength(65)
  })

  it('are 2000 at most, and those beyond are counted', () => {
    world.tell(placesOf(...Array(2_002).keys()))
    expect(world.rejected).toEqual(['tooManyPlaces', 'tooManyPlaces'])
  })

  it('are not dialled beyond this machine by a node that stays on it', () => {
    world.tell([{ host: '192.0.2.7', port: 4100 }, { host: '::1', port: 4100 }, { host: 'localhost', port: 4100 }])
    expect(world.dials.map(({ host }) => host)).toEqual(['::1', 'localhost'])
    expect(world.rejected).toEqual(['distantPlace'])
  })
})

describe('a place', () => {
  it('is tried often where nobody answers, and after a minute every one to two seconds', async () => {
    world.tell(placesOf(1))
    expect(await refused(400)).toBeGreaterThanOrEqual(3)
    expect(await refused(10_000)).toBeGreaterThanOrEqual(38)
    await refused(50_000)
    const tries = await refused(20_000)
    expect(tries).toBeGreaterThanOrEqual(9)
    expect(tries).toBeLessThanOrEqual(21)
  })

  it('has longer to say which node it is with each try, up to half a minute', async () => {
    world.tell(placesOf(1))
    await refused(5_000)
    expect(world.dials.slice(0, 5).map(({ answerTimeout }) => answerTimeout))
      .toEqual([5_000, 10_000, 20_000, 30_000, 30_000])
  })

  it('is reported with the reason while nobody answers there', async () => {
    world.tell(placesOf(1, 2))
    for (const dialled of world.pending) dialled.close('connect ECONNREFUSED')
    expect([...world.failures]).toEqual([1, 2].map(n => [`127.0.0.${n}:4100`, 'connect ECONNREFUSED']))
    await jest.advanceTimersByTimeAsync(100)
    world.pending.find(({ host }) => host === '127.0.0.1')?.isNode('a')
    expect(world.failures.get('127.0.0.1:4100')).toBeUndefined()
  })

  it('is tried less often where there are many', async () => {
    world.tell(placesOf(...Array(100).keys()))
    await refused(10_000)
    expect(await refused(10_000)).toBeLessThanOrEqual(100 * 21)
  })

  it('is dialled again at once when the connection breaks, and its way is asked again', async () => {
    world.tell(placesOf(1))
    world.dials[0].isNode('a')
    await jest.advanceTimersByTimeAsync(2_000)
    world.dials[0].close()
    await jest.advanceTimersByTimeAsync(0)
    expect(world.dials).toHaveLength(2)
    expect(world.again).toBe(1)
  })

  it('is left alone for as long as it is named where this node itself answers', async () => {
    world.tell(placesOf(1))
    world.dials[0].isNode('b')
    expect(world.dials[0].isClosed).toBe(true)
    await jest.advanceTimersByTimeAsync(600_000)
    expect(world.dials).toHaveLength(1)
    world.tell(placesOf(2))
    world.tell(placesOf(1))
    await jest.advanceTimersByTimeAsync(0)
    expect(world.dials.filter(({ host }) => host === '127.0.0.1')).toHaveLength(2)
  })

  it('is asked again after a while where a name led to this node, as names may lead to others as well', async () => {
    world.tell([{ host: 'localhost', port: 4100 }])
    world.dials[0].isNode('b')
    await jest.advanceTimersByTimeAsync(50_000)
    expect(world.dials).toHaveLength(1)
    await jest.advanceTimersByTimeAsync(80_000)
    expect(world.dials).toHaveLength(2)
  })

  it('stays connected when nothing names it any more, and is forgotten a while after it is lost', async () => {
    world.tell(placesOf(1))
    world.dials[0].isNode('a')
    world.tell([])
    await jest.advanceTimersByTimeAsync(600_000)
    expect(world.dials[0].isClosed).toBe(false)
    world.dials[0].close()
    for (let ms = 0; ms < 60_000; ms += 100) {
      for (const dialled of world.pending) dialled.close()
      await jest.advanceTimersByTimeAsync(100)
    }
    const { length } = world.dials
    await jest.advanceTimersByTimeAsync(600_000)
    expect(world.dials).toHaveLength(length)
    expect(length).toBeGreaterThan(10)
  })

  it('is given up when nothing comes by the connection for too long', async () => {
    world.tell(placesOf(1))
    world.dials[0].isNode('a')
    await world.send('one')
    await jest.advanceTimersByTimeAsync(31_000)
    await world.send('two')
    expect(world.dials[0]).toMatchObject({ said: ['one'], isClosed: true })
  })
})

describe('several places of one node', () => {
  it('share one connection, and another one is dialled when that breaks', async () => {
    world.tell(placesOf(1, 2))
    world.dials[0].isNode('a')
    world.dials[1].isNode('a')
    expect(world.dials.map(({ isClosed }) => isClosed)).toEqual([false, true])
    world.dials[0].close()
    await jest.advanceTimersByTimeAsync(100)
    expect(world.pending.map(({ host }) => host).sort()).toEqual(['127.0.0.1', '127.0.0.2'])
  })
})

describe('a place that says it is a node of another place', () => {
  it('keeps that node out of no open mesh', async () => {
    world.tell(placesOf(1, 2))
    world.dials[0].isNode('c', '127.0.0.1')
    world.dials[1].isNode('c', '127.0.0.2')
    expect(world.dials.map(({ answer }) => answer.length)).toEqual([1, 1])
    await world.send('hello')
    expect(world.dials.map(({ said }) => said)).toEqual([['hello'], ['hello']])
    world.dials[0].close()
    await world.send('once more')
    expect(world.dials[1].said).toEqual(['hello', 'once more'])
  })

  it('takes part in a closed mesh, where it has proven that, by one connection', async () => {
    const closed = new World()
    await closed.open(true)
    closed.tell(placesOf(1, 2))
    closed.dials[0].isNode('c', '127.0.0.1')
    closed.dials[1].isNode('c', '127.0.0.2')
    expect(closed.dials.map(({ answer }) => answer.length)).toEqual([1, 0])
  })
})

describe('a node that asks this one, and is at one of its places', () => {
  it.each([['c', 1], ['a', 0]])('has one connection of the two: when it is %s, this node closes %d', (id, closes) => {
    world.tell(placesOf(1))
    world.dials[0].isNode(id)
    world.visits.receive(visitOf(id), { hellos: [] })
    expect(world.dials[0].isClosed).toBe(closes === 1)
  })

  it('takes the place of no connection in an open mesh when it comes from another machine', async () => {
    world.tell(placesOf(1))
    world.dials[0].isNode('c')
    world.visits.receive(visitOf('c', '192.0.2.7'), { hellos: [] })
    expect(world.dials[0].isClosed).toBe(false)
    const closed = new World()
    await closed.open(true)
    closed.tell(placesOf(1))
    closed.dials[0].isNode('c')
    closed.visits.receive(visitOf('c', '192.0.2.7'), { hellos: [] })
    expect(closed.dials[0].isClosed).toBe(true)
  })

  it('is dialled at once when its own connection ends', async () => {
    const visit = visitOf('c')
    world.visits.receive(visit, { hellos: [] })
    world.tell(placesOf(1))
    world.dials[0].isNode('c')
    expect(world.dials[0].isClosed).toBe(true)
    world.visits.leave(visit)
    await jest.advanceTimersByTimeAsync(0)
    expect(world.dials).toHaveLength(2)
  })
})
