import { Distributed, DistributedEvent, DistributedMethod, OnRemoteEvent } from 'feathers-mesh'
import type { EventGap, ServiceEvent } from 'feathers-mesh'
import { injectable } from 'tsyringe'
import { tell } from './obey'

/** A service whose events tell their publisher and a number. */
@Distributed('jobs')
export class JobService {
  @DistributedEvent() readonly done!: ServiceEvent<string>

  @DistributedMethod()
  async find (): Promise<string[]> {
    return []
  }
}

/** A member of the group that handles the jobs; it tells the test at once of each. */
@injectable()
export class Worker {
  @OnRemoteEvent(JobService, 'done', { group: 'work' })
  async work (job: string): Promise<void> {
    tell('job', job)
    await new Promise(resolve => setTimeout(resolve, 5))
  }

  @OnRemoteEvent(JobService, 'gap')
  onGap (gap: EventGap): void {
    tell('gap', gap)
  }
}
