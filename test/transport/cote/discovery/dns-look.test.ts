import { PROCESS_LOG } from '../../../../lib/log'
import { DnsLook } from '../../../../lib/transport/cote/discovery/ways/dns-look'
import type { NodePlace } from '../../../../lib/transport/cote/discovery/way'
import { DnsRecords, type DnsAnswer } from '../../../../lib/transport/cote/discovery/ways/dns-records'

/** A look whose answers a test gives, in a time that it lets pass. */
class Watched {
  asked = 0
  places: number | undefined
  failure: string | undefined
  readonly rejected: string[] = []
  /** Tells what is known before the answer. */
  some: (places: readonly NodePlace[]) => void = () => {}
  answer: () => Promise<DnsAnswer> = async () => answerOf(1, undefined)
  readonly look: DnsLook

  constructor () {
    jest.useFakeTimers()
    jest.spyOn(DnsRecords.prototype, 'ask').mockImplementation(async onSome => {
      this.asked++
      this.some = onSome
      return await this.answer()
    })
    this.look = new DnsLook({ name: 'todos.test', port: 4100, server: undefined }, {
      log: PROCESS_LOG,
      onPlaces: places => { this.places = places.length },
      onFailure: (name, reason) => { this.failure = reason === undefined ? undefined : `${name}: ${reason}` },
      onRejected: reason => this.rejected.push(reason)
    })
  }
}

function answerOf (places: number, ttl: number | undefined): DnsAnswer {
  return { places: Array.from({ length: places }, (_, n) => ({ host: `127.0.${n >> 8}.${n & 255}`, port: 4100 })), ttl }
}

let watched: Watched

beforeEach(() => { watched = new Watched() })

afterEach(() => {
  watched.look.stop()
  jest.useRealTimers()
  jest.restoreAllMocks()
})

describe('the look for addresses in DNS', () => {
  it.each([
    ['5 s without a time to live', undefined, 5_000], ['5 s where that is shorter', 1, 5_000],
    ['the time to live where that is longer', 20, 20_000], ['a minute at most', 600, 60_000]
  ])('asks again after %s, or up to a tenth later', async (_what, ttl, pollMs) => {
    watched.answer = async () => answerOf(1, ttl)
    watched.look.again()
    await jest.advanceTimersByTimeAsync(1_000)
    const { asked } = watched
    await jest.advanceTimersByTimeAsync(pollMs - 1_100)
    expect(watched.asked).toBe(asked)
    await jest.advanceTimersByTimeAsync(1_100 + pollMs / 10)
    expect(watched.asked).toBe(asked + 1)
  })

  it('asks at once after a lost connection, but twice a second at most', async () => {
    watched.answer = async () => answerOf(1, 60)
    await jest.advanceTimersByTimeAsync(2_000)
    watched.look.again()
    await jest.advanceTimersByTimeAsync(0)
    expect(watched.asked).toBe(2)
    for (let n = 0; n < 100; n++) {
      watched.look.again()
      await jest.advanceTimersByTimeAsync(10)
    }
    expect(watched.asked).toBe(4)
  })

  it('keeps what is known while nobody answers', async () => {
    await jest.advanceTimersByTimeAsync(0)
    watched.places = undefined
    watched.answer = async () => { throw new Error('SERVFAIL') }
    await jest.advanceTimersByTimeAsync(6_000)
    expect(watched.asked).toBeGreaterThan(1)
    expect(watched.places).toBeUndefined()
    expect(watched.failure).toBe('todos.test: DNS does not know it (SERVFAIL)')
    watched.answer = async () => answerOf(1, 60)
    await jest.advanceTimersByTimeAsync(6_000)
    expect(watched.failure).toBeUndefined()
  })

  it('adds what is known while others are still asked for, and keeps until then what was known', async () => {
    watched.answer = async () => answerOf(3, undefined)
    await jest.advanceTimersByTimeAsync(0)
    watched.look.again()
    watched.answer = async () => await new Promise(() => {})
    await jest.advanceTimersByTimeAsync(500)
    watched.some(answerOf(2, undefined).places)
    expect(watched.places).toBe(3)
  })

  it('keeps what was known where an answer is a part, until the next one', async () => {
    await jest.advanceTimersByTimeAsync(0)
    watched.answer = async () => ({ places: [{ host: '127.0.9.9', port: 4100 }], ttl: undefined, isPartial: true })
    await jest.advanceTimersByTimeAsync(5_600)
    expect(watched.places).toBe(2)
    watched.answer = async () => answerOf(1, undefined)
    await jest.advanceTimersByTimeAsync(5_600)
    expect(watched.places).toBe(1)
  })

  it('asks again as soon as it has an answer when a connection was lost meanwhile', async () => {
    let settle: (answer: DnsAnswer) => void = () => {}
    await jest.advanceTimersByTimeAsync(1_000)
    watched.answer = async () => await new Promise(resolve => { settle = resolve })
    watched.look.again()
    await jest.advanceTimersByTimeAsync(1_000)
    watched.look.again()
    settle(answerOf(1, 60))
    await jest.advanceTimersByTimeAsync(10)
    expect(watched.asked).toBe(3)
  })

  it('takes 1000 places of an answer, and counts those beyond', async () => {
    watched.answer = async () => answerOf(1_002, 60)
    await jest.advanceTimersByTimeAsync(6_000)
    expect(watched.places).toBe(1_000)
    expect(watched.rejected).toEqual(['tooManyPlaces', 'tooManyPlaces'])
  })

  it('asks nothing more once it is stopped', async () => {
    await jest.advanceTimersByTimeAsync(0)
    watched.look.stop()
    watched.look.again()
    await jest.advanceTimersByTimeAsync(60_000)
    expect(watched.asked).toBe(1)
  })
})
