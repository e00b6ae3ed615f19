import type { Pair } from '../processes/pair'
import type { LoadOptions, LoadReport } from './call-load'
import type { Figures, Row } from './measurement'
import type { ResultSize } from './payload'
import type { Pace, PairWork } from './work-types'

interface CallWork {
  readonly inFlight: number
  readonly result: ResultSize
  /** Whether the memory that a call takes is measured, too. */
  readonly allocations?: boolean
}

const SIZES: Readonly<Record<ResultSize, string>> = { todo: 'calls', '10k': '10 KB results', '1m': '1 MB results' }

/** So many calls in flight all the time, for a window of time; CPU is that of the same window. */
export function callWork (name: string, { inFlight, result, allocations = false }: CallWork): PairWork {
  const what = `${SIZES[result]}, ${inFlight} in flight`
  const figure = (rest: string): string => `${name} ${rest}`
  const rows: Row[] = [
    { figure: figure('rate'), title: what, unit: 'per second' },
    { figure: figure('p50'), title: `${what}: latency p50`, unit: 'ms' },
    { figure: figure('p99'), title: `${what}: latency p99`, unit: 'ms' },
    { figure: figure('caller cpu'), title: `${what}: CPU of the caller per call`, unit: 'µs' },
    { figure: figure('host cpu'), title: `${what}: CPU of the host per call`, unit: 'µs' }
  ]
  if (allocations) {
    rows.push(
      { figure: figure('caller memory'), title: `${what}: memory allocated by the caller per call`, unit: 'KB' },
      { figure: figure('host memory'), title: `${what}: memory allocated by the host per call`, unit: 'KB' }
    )
  }

  return {
    name,
    rows,
    startsProcesses: false,
    isLong: false,
    async measure (pair: Pair, { warmUp, window }: Pace): Promise<Figures> {
      const load = { inFlight, result }
      await calls(pair, { ...load, milliseconds: warmUp })
      const before = await pair.host.ask<number>('cpu')
      const report = await calls(pair, { ...load, milliseconds: window })
      const hostCpu = await pair.host.ask<number>('cpu') - before
      const figures = {
        [figure('rate')]: report.calls / report.milliseconds * 1_000,
        [figure('p50')]: report.p50,
        [figure('p99')]: report.p99,
        [figure('caller cpu')]: report.cpu / report.calls,
        [figure('host cpu')]: hostCpu / report.calls
      }
      if (!allocations) return figures
      const [caller, host] = await allocatedPerCall(pair, { ...load, milliseconds: warmUp })
      return { ...figures, [figure('caller memory')]: caller, [figure('host memory')]: host }
    }
  }
}

async function calls (pair: Pair, options: LoadOptions): Promise<LoadReport> {
  return await pair.caller.ask<LoadReport>('calls', options)
}

/** KB that each side allocates for a call; in a window of its own, for the watching costs time. */
async function allocatedPerCall (pair: Pair, options: LoadOptions): Promise<[caller: number, host: number]> {
  const sides = [pair.caller, pair.host]
  await Promise.all(sides.map(async side => await side.ask('watchAllocations')))
  const report = await calls(pair, options)
  const bytes = await Promise.all(sides.map(async side => await side.ask<number>('allocated')))
  const [caller = NaN, host = NaN] = bytes.map(value => value / report.calls / 1_000)
  return [caller, host]
}
