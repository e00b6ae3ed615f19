import { newPlace, Pair } from '../processes/pair'
import type { SystemName } from '../systems/systems'
import type { Figures } from './measurement'
import type { LoneWork, Pace } from './work-types'

interface Times {
  readonly startedAt: number
  readonly doneAt: number
}

const CALLER_SECOND = 'first-call caller second'
const HOST_SECOND = 'first-call host second'

/** From the start of the second node to the first answer, with the defaults of each system; code is loaded before. */
export const firstCall: LoneWork = {
  name: 'first-call',
  atOnce: false,
  rows: [
    { figure: CALLER_SECOND, title: 'first call, caller started second', unit: 'ms' },
    { figure: HOST_SECOND, title: 'first call, host started second', unit: 'ms' }
  ],

  async measure (system: SystemName, { isQuick }: Pace): Promise<Figures> {
    if (isQuick) return { [CALLER_SECOND]: await callerSecond(system) }
    return { [CALLER_SECOND]: await callerSecond(system), [HOST_SECOND]: await hostSecond(system) }
  }
}

async function withPair (system: SystemName, time: (pair: Pair) => Promise<number>): Promise<number> {
  const pair = new Pair(system)
  try {
    await pair.load(newPlace(true))
    return await time(pair)
  } finally {
    await pair.kill()
  }
}

async function callerSecond (system: SystemName): Promise<number> {
  return await withPair(system, async ({ host, caller }) => {
    await host.ask('host')
    const { startedAt } = await caller.ask<Times>('connect')
    return await caller.ask<number>('firstCall') - startedAt
  })
}

async function hostSecond (system: SystemName): Promise<number> {
  return await withPair(system, async ({ host, caller }) => {
    const connected = caller.ask('connect').then(async () => await caller.ask<number>('firstCall'))
    // A caller that waits for its host is one that has begun to.
    await caller.ask('cpu')
    const { startedAt } = await host.ask<Times>('host')
    return await connected - startedAt
  })
}
