/** A node with several callers of the hosts where LOAD says how many, and hears what they count. */
import { setTimeout as pause } from 'node:timers/promises'
import { DistributedModule } from 'feathers-mesh'
import type { EventGap } from 'feathers-mesh'
import { obey, outcomeOf, stopOnSigterm, tell } from '../obey'
import { TallyService, type Count } from './tally'

/** Milliseconds from one call of a caller to its next: the machine is for the processes that start meanwhile. */
const PACE_MS = 60

const mesh = DistributedModule.forRoot({ cote: { broadcast: '127.255.255.255' }, remotes: [TallyService] })
const tally = mesh.remote(TallyService)
const heard: Count[] = []
const gaps: EventGap[] = []
const failures: unknown[] = []
let isEnding = false
/** How many calls each caller made. */
const sent: number[] = Array.from({ length: Number(process.env.LOAD ?? 0) }, () => 0)
let callers: ReadonlyArray<Promise<void>> = []

tally.on('counted', count => heard.push(count))
tally.on('gap', gap => gaps.push(gap))

/** Calls one after another. */
async function call (caller: number): Promise<void> {
  while (!isEnding) {
    const outcome = await outcomeOf(() => ++sent[caller] % 2 === 0 ? tally.read() : tally.add())
    if ('error' in outcome) failures.push(outcome.error)
    await pause(PACE_MS)
  }
}

stopOnSigterm(async () => {
  isEnding = true
  await Promise.all(callers)
  // When it ends its own connections, nobody knows what else would have come.
  const told = [...gaps]
  await mesh.stop()
  tell('stopped', { sent, failures, gaps: told, heard })
})

obey({
  start: async () => {
    await mesh.start()
    callers = sent.map(async (_, caller) => await call(caller))
  },
  hosts: () => [...new Set(heard.map(({ host }) => host))]
})
