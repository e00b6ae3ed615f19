/**
 * Plays schedules of faults, and checks what their processes wrote down: no call runs twice or late, none that may not
 * fail fails, and each event is heard once, in order, or told as missing.
 *
 * Usage: npm run bench:history -- [--schedules=100] [--seed=1] [--length=8] [--kinds=kill,step]
 */
import { parseArgs } from 'node:util'
import { whyNoNamespaces } from '../namespaces'
import { play } from './play'
import { scheduleOf, type FaultKind } from './schedule'

async function main (): Promise<void> {
  const { values } = parseArgs({
    options: {
      schedules: { type: 'string', default: '100' },
      seed: { type: 'string', default: '1' },
      length: { type: 'string', default: '8' },
      kinds: { type: 'string' }
    }
  })
  const why = whyNoNamespaces()
  if (why !== undefined) console.log(`no network is cut, as none can be made here: ${why}`)
  const kinds = values.kinds?.split(',') as FaultKind[] | undefined // an unknown one is never drawn
  const totals: Record<string, number> = { schedules: 0, faults: 0, violations: 0 }
  const first = Number(values.seed)
  for (let seed = first; seed < first + Number(values.schedules); seed++) {
    const schedule = scheduleOf(seed, { length: Number(values.length), kinds, canBeApart: why === undefined })
    const { violations, counts, journals } = await play(schedule)
    const what = schedule.faults.map(({ kind }) => kind).join(' ')
    console.log(`${seed}${schedule.hasSecret ? ', secret' : ''}${schedule.isApart ? ', two hosts' : ''}: ${what}: ` +
      `${counts.called} calls, ${counts.failed} failed; ${counts.heard} events, ${counts.gap} gaps; ${violations.length} violations`)
    for (const violation of violations.slice(0, 20)) console.log(`  ${violation}`)
    if (journals !== undefined) console.log(`  journals: ${journals}`)
    for (const [kind, count] of Object.entries(counts)) totals[kind] = (totals[kind] ?? 0) + count
    totals.schedules++
    totals.faults += schedule.faults.length
    totals.violations += violations.length
  }
  console.log(Object.entries(totals).map(([name, count]) => `${count} ${name}`).join(', '))
  if (totals.violations > 0) process.exitCode = 1
}

main().catch(error => {
  console.error(error)
  process.exitCode = 1
})
