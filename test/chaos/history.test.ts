import { whyNoFakedClock } from '../processes/faked-clock'
import { whyNoNamespaces } from './namespaces'
import { play } from './history/play'
import { isGentle, scheduleOf, type FaultKind } from './history/schedule'

jest.setTimeout(120_000)

const whyNot = whyNoFakedClock()
if (whyNot !== undefined) console.warn(`no clock can be stepped here, so nothing is said of faults together: ${whyNot}`)
// In CI nothing is left out: there it fails.
const canBeApart = process.env.CI !== undefined || whyNoNamespaces() === undefined
const describeWhere = whyNot === undefined ? describe : describe.skip

/** A schedule of these faults, the first one that fits from a seed on. */
function scheduleWith (kinds: readonly FaultKind[], seed: number): ReturnType<typeof scheduleOf> {
  for (let n = seed; ; n++) {
    const schedule = scheduleOf(n, { length: 4, kinds, canBeApart })
    if (schedule.faults.every(({ kind }) => kinds.includes(kind))) return schedule
  }
}

describeWhere('calls and events of three replicas and two callers', () => {
  it.each<[string, readonly FaultKind[], number]>([
    ['replicas restart, leave and join again', ['restart', 'rejoin'], 11],
    ['the clocks of replicas and callers are stepped while replicas restart', ['step', 'restart'], 23],
    ['replicas are killed and frozen, and connections are reset', ['kill', 'freeze', 'reset'], 31]
  ])('keep all promises while %s', async (_what, kinds, seed) => {
    const schedule = scheduleWith(kinds, seed)
    const { violations, counts, journals } = await play(schedule)
    // With the seed and the place of the journals, so that a failure can be played again.
    const shown = { seed: schedule.seed, journals, violations: violations.slice(0, 20) }
    expect(shown).toMatchObject({ journals: undefined, violations: [] })
    // Otherwise nothing was shown.
    expect(counts.answered).toBeGreaterThan(500)
    expect(counts.heard).toBeGreaterThan(500)
    expect(counts.fault).toBe(0)
    if (isGentle(schedule)) expect(counts.failed).toBe(0)
  })
})
