import { table } from '../report/table'
import type { SelfTime } from './self-times'

/** Where the time of both sides went, by room. */
export interface ProfileRun {
  readonly callsPerSecond: number
  readonly inFlight: number
  readonly caller: readonly SelfTime[]
  readonly host: readonly SelfTime[]
}

/** What takes less than this share on both sides is left out. */
const LEAST = 0.005

export function roomsTable ({ callsPerSecond, inFlight, caller, host }: ProfileRun): string {
  const share = (times: readonly SelfTime[], place: string): number =>
    times.find(time => time.place === place)?.share ?? 0
  const places = [...new Set([...caller, ...host].map(({ place }) => place))]
    .map(place => ({ place, shares: [share(caller, place), share(host, place)] }))
    .filter(({ shares }) => Math.max(...shares) >= LEAST)
    .sort((a, b) => Math.max(...b.shares) - Math.max(...a.shares))
  const rows = places.map(({ place, shares }) => [place, ...shares.map(part => `${(part * 100).toFixed(1)} %`)])
  const told = `Shares of CPU time, ${inFlight} in flight, ${callsPerSecond} calls/s while profiled.`
  return `${table(['self time', 'caller', 'host'], rows)}\n\n${told}`
}
