import { PING } from '../../../../../lib/transport/session/control'
import { checkIntervalOf, SilenceWatch } from '../../../../../lib/transport/cote/outbound/watch/silence-watch'
import type { ReplyHandler, Request } from 'feathers-mesh/transport'

/** A connection that the test plays. */
class PlayedConnection {
  opened = true
  /** Requests of callers that wait. */
  calls = 0
  bytesRead = 0
  backlog = 0
  readonly asked: string[] = []
  readonly cancelled: number[] = []
  private readonly pings = new Map<number, ReplyHandler>()

  get waiting (): number {
    return this.calls + this.pings.size
  }

  request ({ method }: Request, handler: ReplyHandler): number {
    const id = this.asked.push(method)
    this.pings.set(id, handler)
    return id
  }

  cancel (id: number): void {
    this.cancelled.push(id)
    this.pings.delete(id)
  }

  /** The peer answers the pings. */
  answer (): void {
    const handlers = [...this.pings.values()]
    this.pings.clear()
    this.bytesRead += 10
    for (const handler of handlers) handler.settle(null, true)
  }
}

/** A watch over a connection on which this number of calls waits. */
function watched (calls = 1) {
  const connection = new PlayedConnection()
  connection.calls = calls
  const watch = new SilenceWatch(connection)
  return { connection, watch, check: (times: number) => Array.from({ length: times }, () => watch.check()) }
}

describe('the watch over a connection', () => {
  it('finds its peer silent within the time when nothing comes while a call waits, and pings it once before', () => {
    const { connection, check } = watched()
    expect(check(3)).toEqual([false, false, false])
    expect(connection.asked).toEqual([PING])
    expect(check(3)).toEqual([false, false, false])
    // The call was made at most one check before the first one: seven of eight parts of the time.
    expect(check(3)).toEqual([true, true, true])
    expect(connection.asked).toEqual([PING])
    expect(8 * checkIntervalOf(3_000)).toBe(3_000)
  })

  it('takes any byte for a sign of life, and an answer to its ping', () => {
    const { connection, check } = watched()
    for (let n = 0; n < 10; n++) {
      expect(check(5)).not.toContain(true)
      if (n % 2 === 0) connection.bytesRead++
      else connection.answer()
    }
    expect(connection.asked.length).toBeLessThanOrEqual(10)
  })

  it('takes what leaves this process for a sign of life: a long request is under way', () => {
    const { connection, check } = watched()
    connection.backlog = 1_000
    for (let n = 0; n < 30; n++) {
      expect(check(1)).toEqual([false])
      connection.backlog -= 10
    }
    expect(check(10)).toContain(true)
  })

  it.each<[string, Partial<PlayedConnection>]>([
    ['nothing waits', { calls: 0 }], ['it is being established', { opened: false }]
  ])('sends nothing while %s', (_what, state) => {
    const { connection, check } = watched()
    Object.assign(connection, state)
    expect(check(20)).not.toContain(true)
    expect(connection.asked).toEqual([])
  })

  it('starts over with each call, however long nothing came before it', () => {
    const { connection, check } = watched(0)
    check(20)
    connection.calls = 1
    expect(check(6)).not.toContain(true)
    expect(check(1)).toEqual([true])
  })

  it('gives its ping up when nothing else waits any more, or when it is stopped', () => {
    const { connection, watch, check } = watched()
    check(4)
    connection.calls = 0
    check(1)
    expect(connection.cancelled).toEqual([1])
    connection.calls = 1
    check(4)
    watch.stop()
    expect(connection.cancelled).toEqual([1, 2])
  })

  it('goes on after its ping has failed', () => {
    const { connection, check } = watched()
    check(3)
    connection.answer()
    expect(check(7)).toEqual([false, false, false, false, false, false, true])
    expect(connection.asked).toEqual([PING, PING])
  })
})
