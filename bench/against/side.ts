import { Child } from '../processes/child'
import { newPlace, Pair } from '../processes/pair'
import type { SystemName } from '../systems/systems'
import type { LoadReport } from '../work/call-load'
import { publish, untilAllHear } from '../work/events'

/** Calls that are under way all the time. */
const IN_FLIGHT = 128

/** A side that takes longer is given up. */
const LONGEST_MS = 60_000

/** What one side took; CPU in microseconds, time in milliseconds. */
export interface CallTotals {
  readonly calls: number
  readonly time: number
  readonly caller: number
  readonly host: number
}

export interface EventTotals {
  readonly events: number
  readonly time: number
  readonly host: number
  readonly subscriber: number
}

/** The processes of one commit: a host, a caller, a subscriber. They do nothing unless they are measured. */
export class Side {
  private readonly pair: Pair
  private readonly subscriber: Child

  /** @param bench - where bench lies: in the build of another commit, or here */
  constructor (private readonly system: SystemName, bench?: string) {
    this.pair = new Pair(system, {}, bench)
    this.subscriber = new Child('processes/node', [], [], bench)
  }

  async start (): Promise<void> {
    await this.pair.start(newPlace())
    await this.subscriber.ask('load', { system: this.system, place: this.pair.place })
    await this.subscriber.ask('subscribe', 1)
    await untilAllHear(this.pair, this.subscriber)
  }

  async kill (): Promise<void> {
    await Promise.all([this.pair.kill(), this.subscriber.kill()])
  }

  /** As many calls for both sides: neither is warmer than the other, however busy the machine is. */
  async calls (most: number): Promise<CallTotals> {
    const { caller, host } = this.pair
    const before = await host.ask<number>('cpu')
    const report = await caller.ask<LoadReport>('calls', {
      inFlight: IN_FLIGHT, result: 'todo', milliseconds: LONGEST_MS, most
    })
    const after = await host.ask<number>('cpu')
    return { calls: report.calls, time: report.milliseconds, caller: report.cpu, host: after - before }
  }

  /** What got lost leaves the time unknown. */
  async events (count: number): Promise<EventTotals> {
    const processes = [this.pair.host, this.subscriber]
    const before = await Promise.all(processes.map(async process => await process.ask<number>('cpu')))
    const time = await publish(this.pair.host, this.subscriber, count)
    const after = await Promise.all(processes.map(async process => await process.ask<number>('cpu')))
    const [host = NaN, subscriber = NaN] = after.map((cpu, n) => cpu - (before[n] ?? NaN))
    return { events: time === null ? NaN : count, time: time ?? NaN, host, subscriber }
  }
}
