import { Distributed, DistributedEvent, DistributedMethod, type DurableEvent } from 'feathers-mesh'

/** What a member tells of a job: which one, how often it was given, and when it began, by a clock of the machine. */
export interface Handled {
  readonly n: number
  readonly delivery: number
  readonly at: string
}

/** A service whose jobs are kept until each group has handled them. */
@Distributed('durable-jobs')
export class DurableJobs {
  @DistributedEvent({ durable: true }) readonly posted!: DurableEvent<number>

  @DistributedMethod({ data: Object })
  async create ({ from, to }: { readonly from: number, readonly to: number }): Promise<number> {
    for (let n = from; n < to; n++) void this.posted.emit(n)
    return to
  }
}
