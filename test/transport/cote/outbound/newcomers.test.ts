import type { NameCounts } from '../../../../lib/collections/name-counts'
import { Newcomers, type Newcomer } from '../../../../lib/transport/cote/outbound/newcomers'
import type { CotePeer } from '../../../../lib/transport/cote/outbound/cote-peer'

const made: Newcomers[] = []

afterEach(() => { for (const each of made.splice(0)) each.stop() })

function meeting (maxAsked = 1): { readonly newcomers: Newcomers, readonly forgotten: string[] } {
  const forgotten: string[] = []
  const newcomers = new Newcomers({ onRejected: () => {}, forget: id => forgotten.push(id) }, maxAsked)
  made.push(newcomers)
  return { newcomers, forgotten }
}

/** Its peer does nothing: it never answers. */
const newcomer = (id: string, port: number, address = '10.0.0.1'): Newcomer => ({
  id, address, port, start: () => ({ leave: () => {}, destroy: () => {} }) as unknown as CotePeer
})

function placesOf (newcomers: Newcomers): Map<string, number> {
  const { waitingAt } = newcomers as unknown as { waitingAt: NameCounts }
  return new Map(waitingAt.first(Infinity).map(place => [place, waitingAt.of(place)]))
}

describe('newcomers that wait', () => {
  it('are at most four at one place, which are counted and not looked through', () => {
    const { newcomers, forgotten } = meeting()
    for (let n = 0; n < 8; n++) newcomers.meet(newcomer(`node-${n}`, 1))
    expect(newcomers.size).toEqual({ asked: 1, waiting: 4 })
    expect(forgotten).toEqual(['node-5', 'node-6', 'node-7'])
    expect([...placesOf(newcomers).values()]).toEqual([4])
  })

  it('are counted at the place that their last hello names', () => {
    const { newcomers } = meeting()
    for (let n = 0; n < 3; n++) newcomers.meet(newcomer(`node-${n}`, 1))
    newcomers.meet(newcomer('node-1', 2))
    expect([...placesOf(newcomers)]).toEqual([['10.0.0.1:1', 1], ['10.0.0.1:2', 1]])
  })

  it('are counted no more when they give way to others or nobody is asked any more', () => {
    const { newcomers } = meeting()
    for (let n = 0; n < 3_000; n++) newcomers.meet(newcomer(`node-${n}`, n + 1))
    expect(placesOf(newcomers).size).toBe(1_000)
    newcomers.stop()
    expect(placesOf(newcomers).size).toBe(0)
  })
})

describe('a newcomer that is dialled and does not answer', () => {
  beforeEach(() => { jest.useFakeTimers() })
  afterEach(() => { jest.useRealTimers() })

  it.each<[string, number, number]>([
    ['half a minute where nobody names its place', 2, 30],
    ['a few seconds where another one names its place', 1, 3]
  ])('is left %s', (_what, otherPort, seconds) => {
    const { newcomers, forgotten } = meeting(256)
    newcomers.meet(newcomer('silent', 1))
    newcomers.dialled('silent')
    newcomers.meet(newcomer('other', otherPort))
    jest.advanceTimersByTime((seconds - 1) * 1_000)
    expect(forgotten).toEqual([])
    jest.advanceTimersByTime(1_500)
    expect(forgotten).toEqual(['silent'])
  })
})

describe('a newcomer that is not dialled yet', () => {
  beforeEach(() => { jest.useFakeTimers() })
  afterEach(() => { jest.useRealTimers() })

  it('gives way to others after 30 seconds, and to nobody where nobody waits', () => {
    const { newcomers, forgotten } = meeting()
    newcomers.meet(newcomer('asked', 1))
    jest.advanceTimersByTime(60_000)
    expect([forgotten, newcomers.size]).toEqual([[], { asked: 1, waiting: 0 }])
    newcomers.meet(newcomer('waiting', 2))
    jest.advanceTimersByTime(200)
    expect([forgotten, newcomers.size]).toEqual([['asked'], { asked: 1, waiting: 0 }])
  })

  it('leaves room for those of other addresses, however many of its own address wait', () => {
    const { newcomers } = meeting(256)
    for (let n = 0; n < 100; n++) newcomers.meet(newcomer(`node-${n}`, n + 1))
    expect(newcomers.size).toEqual({ asked: 64, waiting: 36 })
    newcomers.meet(newcomer('elsewhere', 1, '10.0.0.2'))
    newcomers.dialled('node-0')
    newcomers.dialled('node-0')
    newcomers.left('node-1')
    jest.advanceTimersByTime(100)
    expect(newcomers.size).toEqual({ asked: 66, waiting: 34 })
  })

  it('does not give way to others, nor for its silence, soon before it is dialled', () => {
    const { newcomers, forgotten } = meeting()
    newcomers.meet(newcomer('asked', 1))
    newcomers.meet(newcomer('waiting', 2))
    jest.advanceTimersByTime(20_000)
    newcomers.giveWay()
    expect([forgotten, newcomers.size]).toEqual([[], { asked: 1, waiting: 1 }])
    newcomers.dialled('asked')
    jest.advanceTimersByTime(500)
    expect([forgotten, newcomers.size]).toEqual([['asked'], { asked: 1, waiting: 0 }])
  })

  it('has not failed at its place when it leaves before that', () => {
    for (const [isDialled, asked] of [[false, 1], [true, 0]] as const) {
      const { newcomers } = meeting()
      for (let n = 0; n < 5; n++) {
        newcomers.meet(newcomer('one', 1))
        if (isDialled) newcomers.dialled('one')
        newcomers.left('one')
      }
      newcomers.meet(newcomer('other', 1))
      expect(newcomers.size.asked).toBe(asked)
    }
  })
})
