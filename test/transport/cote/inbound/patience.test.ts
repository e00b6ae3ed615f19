import { Patience } from '../../../../lib/transport/cote/inbound/patience'

describe('the patience of a node that leaves', () => {
  let patience: Patience

  beforeEach(() => {
    jest.useFakeTimers()
    patience = new Patience()
  })
  afterEach(() => { jest.useRealTimers() })

  const after = (ms: number): boolean => {
    jest.advanceTimersByTime(ms)
    return patience.isLeft
  }

  it('does not end before the goodbye', () => {
    expect([after(60_000), patience.isOver]).toEqual([true, false])
  })

  it('lasts three seconds for a member, and again after each reply', () => {
    patience.begin(true)
    expect(after(2_900)).toBe(true)
    patience.renew()
    expect([after(2_900), after(100), patience.isOver]).toEqual([true, false, false])
  })

  it('lasts a second for a stranger, however many replies it gets', () => {
    patience.begin(false)
    expect(after(900)).toBe(true)
    patience.renew()
    expect([after(100), patience.isOver]).toEqual([false, true])
  })

  it('does not begin again for a stranger that did not act on the goodbye', () => {
    patience.begin(false)
    jest.advanceTimersByTime(1_000)
    patience.goOn(false, 0)
    expect(patience.isLeftFor(0)).toBe(false)
    patience.goOn(true, 0)
    expect([patience.isLeftFor(0), after(1_000)]).toEqual([true, false])
  })

  it('lasts until a member has read all', () => {
    patience.begin(true)
    patience.goOn(false, 1)
    jest.advanceTimersByTime(60_000)
    expect([patience.isLeftFor(1), patience.isLeftFor(0), after(3_000)]).toEqual([true, true, false])
  })

  it('lasts for a stranger as long as it reads', () => {
    patience.begin(false)
    patience.goOn(true, 100)
    for (let untaken = 99; untaken > 0; untaken--) {
      jest.advanceTimersByTime(900)
      expect(patience.isLeftFor(untaken)).toBe(true)
    }
    jest.advanceTimersByTime(1_000)
    expect(patience.isLeftFor(1)).toBe(false)
  })
})
