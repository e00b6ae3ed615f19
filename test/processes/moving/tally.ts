import { Distributed, DistributedEvent, DistributedMethod } from 'feathers-mesh'
import type { ServiceEvent } from 'feathers-mesh'

/** What a host counted: its name, and how many calls it had run until then, this one included. */
export interface Count {
  readonly host: string
  readonly count: number
}

/** A service that counts the calls that it ran, and publishes each count. */
@Distributed('tally')
export class TallyService {
  @DistributedEvent() readonly counted!: ServiceEvent<Count>

  private readonly host = process.env.NAME ?? 'host'
  count = 0

  @DistributedMethod({ idempotent: true })
  async read (): Promise<Count> {
    return this.next()
  }

  @DistributedMethod()
  async add (): Promise<Count> {
    return this.next()
  }

  private next (): Count {
    const counted = { host: this.host, count: ++this.count }
    this.counted.emit(counted)
    return counted
  }
}
