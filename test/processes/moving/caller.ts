/** A node that calls the hosts all the time where LOAD is set, and hears what they count. */
import { DistributedModule } from 'feathers-mesh'
import type { EventGap } from 'feathers-mesh'
import { obey, outcomeOf, stopOnSigterm, tell } from '../obey'
import { TallyService, type Count } from './tally'

/** Milliseconds from one call to the next: the machine is for the processes that start meanwhile. */
const PACE_MS = 15

const mesh = DistributedModule.forRoot({ cote: { broadcast: '127.255.255.255' }, remotes: [TallyService] })
const tally = mesh.remote(TallyService)
const heard: Count[] = []
const gaps: EventGap[] = []
const failures: unknown[] = []
const calls = new Set<Promise<void>>()
let timer: NodeJS.Timeout | undefined
let sent = 0

tally.on('counted', count => heard.push(count))
tally.on('gap', gap => gaps.push(gap))

async function call (): Promise<void> {
  const outcome = await outcomeOf(() => ++sent % 2 === 0 ? tally.read() : tally.add())
  if ('error' in outcome) failures.push(outcome.error)
}

function begin (): void {
  const made = call()
  calls.add(made)
  void made.then(() => calls.delete(made))
}

stopOnSigterm(async () => {
  clearInterval(timer)
  await Promise.all(calls)
  await mesh.stop()
  tell('stopped', { sent, failures, gaps, heard })
})

obey({
  start: async () => {
    await mesh.start()
    if (process.env.LOAD !== undefined) timer = setInterval(begin, PACE_MS)
  },
  hosts: () => [...new Set(heard.map(({ host }) => host))]
})
