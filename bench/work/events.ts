import { setTimeout as delay } from 'node:timers/promises'
import { Child } from '../processes/child'
import type { Pair } from '../processes/pair'
import type { Figures } from './measurement'
import type { Pace, PairWork } from './work-types'

/** Events that are sent in one turn of the publisher. */
const BATCH = 100
/**
 * Events are published in so many bursts, and all of a burst is waited for. Eight subscribers read more slowly than
 * events are published, and a burst is what they can take. One subscriber gets the same bursts, so that what an event
 * costs the publisher can be compared.
 */
const BURSTS = 8

/** A host that sends events as fast as it can, and nodes that listen, all of them in one other process. */
export function eventWork (name: string, subscribers: number): PairWork {
  const rate = `${name} rate`
  const hostCpu = `${name} host cpu`
  const what = `events, ${subscribers} subscriber${subscribers === 1 ? '' : 's'}`
  return {
    name,
    startsProcesses: true,
    isLong: subscribers > 1,
    rows: [
      { figure: rate, title: what, unit: 'per second' },
      { figure: hostCpu, title: `${what}: CPU of the host per event`, unit: 'µs' }
    ],

    async measure (pair: Pair, { events }: Pace): Promise<Figures | null> {
      if (!await pair.host.ask<boolean>('canEmit')) return null
      const { host } = pair
      const listener = new Child('processes/node')
      try {
        await listener.ask('load', { system: pair.system, place: pair.place })
        await listener.ask('subscribe', subscribers)
        await untilAllHear(pair, listener)
        const count = Math.ceil(events / BURSTS)
        // To warm up.
        await publish(host, listener, count)
        const before = await host.ask<number>('cpu')
        let milliseconds = 0
        for (let burst = 0; burst < BURSTS; burst++) {
          const took = await publish(host, listener, count)
          if (took === null) return { [rate]: NaN, [hostCpu]: NaN }
          milliseconds += took
        }
        const cpu = await host.ask<number>('cpu') - before
        const published = BURSTS * count
        return { [rate]: published / milliseconds * 1_000, [hostCpu]: cpu / published }
      } finally {
        await listener.kill()
      }
    }
  }
}

/** Listening takes time to be known to the host: sends an event now and then until each subscriber has had one. */
export async function untilAllHear ({ host, system }: Pair, listener: Child): Promise<void> {
  for (let n = 0; n < 1_000; n++) {
    await host.ask('emit', { count: 1, batch: 1 })
    await delay(20)
    if (await listener.ask<number>('heard') > 0) return
  }
  throw new Error(`${system}: its subscribers hear nothing`)
}

/** Milliseconds from the first event to the last one at the last subscriber; null when events got lost. */
export async function publish (host: Child, listener: Child, count: number): Promise<number | null> {
  // Those of before are all there: an event takes less time than a delay.
  await delay(50)
  await listener.ask('expect', count)
  const start = await host.ask<number>('emit', { count, batch: BATCH })
  const end = await listener.ask<number | null>('lastHeard')
  return end === null ? null : end - start
}
