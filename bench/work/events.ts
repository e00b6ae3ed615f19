import { setTimeout as delay } from 'node:timers/promises'
import type { Pair } from '../processes/pair'
import type { Figures } from './measurement'
import type { Pace, PairWork } from './work'

/** Events that are sent in one turn of the publisher. */
const BATCH = 100

/** A host that sends events as fast as it can, and nodes that listen, all of them in the process of the caller. */
export function eventWork (name: string, subscribers: number): PairWork {
  const rate = `${name} rate`
  const hostCpu = `${name} host cpu`
  return {
    name,
    rows: [
      { figure: rate, title: `events, ${subscribers} subscriber${subscribers === 1 ? '' : 's'}`, unit: 'per second' },
      { figure: hostCpu, title: '… CPU of the host per event', unit: 'µs' }
    ],

    async measure (pair: Pair, { events }: Pace): Promise<Figures | null> {
      if (!await pair.host.ask<boolean>('canEmit')) return null
      await pair.caller.ask('subscribe', subscribers)
      await untilAllHear(pair)
      const count = Math.ceil(events / subscribers)
      await publish(pair, Math.ceil(count / 4))
      const before = await pair.host.ask<number>('cpu')
      const milliseconds = await publish(pair, count)
      const after = await pair.host.ask<number>('cpu')
      if (milliseconds === null) return { [rate]: NaN, [hostCpu]: NaN }
      return { [rate]: count / milliseconds * 1_000, [hostCpu]: (after - before) / count }
    }
  }
}

/** Listening takes time to be known to the host: sends an event now and then until each subscriber has had one. */
async function untilAllHear (pair: Pair): Promise<void> {
  const heard = await pair.caller.ask<number>('heard')
  for (let n = 0; n < 1_000; n++) {
    await pair.host.ask('emit', { count: 1, batch: 1 })
    await delay(20)
    if (await pair.caller.ask<number>('heard') > heard) return
  }
  throw new Error(`${pair.system}: its subscribers hear nothing`)
}

/** Milliseconds from the first event to the last one at the last subscriber; null when events got lost. */
async function publish (pair: Pair, count: number): Promise<number | null> {
  // Those of before are all there: an event takes less time than a delay.
  await delay(50)
  await pair.caller.ask('expect', count)
  const start = await pair.host.ask<number>('emit', { count, batch: BATCH })
  const end = await pair.caller.ask<number | null>('lastHeard')
  return end === null ? null : end - start
}
