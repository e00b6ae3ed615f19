import type { IncomingCall, RequestRefused } from 'feathers-mesh/transport'
import { ClockAlarm } from '../../../../lib/transport/session/clocks/clock-alarm'

let mesh = 0
let wall = 0

beforeEach(() => {
  mesh = wall = 1_700_000_000_000
  jest.spyOn(Date, 'now').mockImplementation(() => Math.floor(wall))
})
afterEach(() => jest.restoreAllMocks())

function pass (ms: number): void {
  mesh += ms
  wall += ms
}

interface Asked { readonly refused: boolean, readonly replies: unknown[] }

function ask (alarm: ClockAlarm, request: Partial<IncomingCall['request']> = {}): Asked {
  const replies: unknown[] = []
  const call = {
    request: { method: 'find', key: '', path: 'todos', deadline: mesh + 1_000, ...request },
    reply: (error: unknown) => { replies.push(error) }
  }
  return { refused: alarm.refuses(call), replies }
}

function alarmed (proves: boolean, by = -60_000): ClockAlarm {
  const alarm = new ClockAlarm(() => mesh)
  alarm.peerProves = proves
  mesh += by
  alarm.check()
  return alarm
}

describe('the alarm of a connection', () => {
  it.each([1_100, -1_100, 3_600_000, -3_600_000])('goes off when the clocks moved apart by %i ms', by => {
    const { refused, replies: [error] } = ask(alarmed(true, by))
    expect(refused).toBe(true)
    expect(error).toMatchObject({ reason: 'late', outcome: 'not-sent', now: mesh, error: { name: 'Timeout' } })
  })

  it('stays quiet while both clocks go on, however long', () => {
    const alarm = new ClockAlarm(() => mesh)
    for (const ms of [1, 10_000, 1e9]) {
      pass(ms)
      alarm.check()
      expect(ask(alarm).refused).toBe(false)
    }
  })

  it('refuses nothing that has no deadline: such a request can not be late', () => {
    expect(ask(alarmed(true), { deadline: undefined })).toEqual({ refused: false, replies: [] })
  })

  it('refuses what comes until the peer proves that it has read the clock since', () => {
    const alarm = alarmed(true)
    pass(5_000)
    alarm.check()
    for (const data of [undefined, 'now', {}, { now: 'soon' }, { now: mesh - 5_001 }, { now: NaN }]) alarm.prove(data)
    expect(ask(alarm).refused).toBe(true)
    alarm.prove({ now: mesh - 4_999 })
    expect(ask(alarm).refused).toBe(false)
  })

  it('takes no time for a proof that was told in the same millisecond before the machine was suspended', () => {
    const alarm = new ClockAlarm(() => mesh)
    alarm.peerProves = true
    pass(0.25)
    const told = Math.floor(mesh)
    wall += 60_000
    for (const since of [0, 0.25]) {
      mesh += since
      alarm.check()
      alarm.prove({ now: told })
      alarm.prove({ now: mesh - since })
      const { refused, replies: [error] } = ask(alarm)
      expect([refused, (error as RequestRefused).now]).toEqual([true, mesh])
    }
    alarm.prove({ now: mesh })
    expect(ask(alarm).refused).toBe(false)
  })

  it('refuses one batch of a peer that can prove nothing', () => {
    const alarm = alarmed(false)
    expect([ask(alarm), ask(alarm)].map(({ refused }) => refused)).toEqual([true, true])
    alarm.check()
    expect(ask(alarm).refused).toBe(false)
  })

  it('names what it refuses, whatever the peer sent as its path', () => {
    for (const path of [7, null, {}]) expect(ask(alarmed(true), { path: path as never }).refused).toBe(true)
  })

  it('has the clock told once a second', () => {
    const alarm = new ClockAlarm(() => mesh)
    const due = (): boolean => alarm.isToTell(alarm.check())
    expect([due(), due()]).toEqual([true, false])
    pass(1_000)
    expect([due(), due()]).toEqual([true, false])
  })
})
