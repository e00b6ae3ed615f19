import { Distributed, DistributedEvent, DistributedMethod, DistributedModule, type ServiceEvent } from 'feathers-mesh'

export interface Job {
  readonly n: number
  /** The process that did it. */
  readonly pid: number
}

/** A service whose replicas tell who they are, and what they ran twice. */
@Distributed('jobs')
export class JobService {
  @DistributedEvent() readonly done!: ServiceEvent<Job>
  private readonly ran = new Set<number>()
  private release: () => void = () => {}
  private readonly released = new Promise<void>(resolve => { this.release = resolve })

  @DistributedMethod({ idempotent: true })
  async get (n: number): Promise<Job> {
    return { n, pid: process.pid }
  }

  @DistributedMethod({ data: Object })
  async create ({ n }: { readonly n: number }): Promise<Job> {
    if (this.ran.has(n)) process.send?.({ twice: n })
    this.ran.add(n)
    process.send?.({ ran: n })
    const job = { n, pid: process.pid }
    this.done.emit(job)
    return job
  }

  /** Holds a call that must not run twice until all are let go. */
  @DistributedMethod()
  async hold (n: number): Promise<Job> {
    return await this.keep(n)
  }

  /** The same for one that may be repeated. */
  @DistributedMethod({ idempotent: true })
  async wait (n: number): Promise<Job> {
    return await this.keep(n)
  }

  letGo (): void {
    this.release()
  }

  private async keep (n: number): Promise<Job> {
    process.send?.({ held: n })
    await this.released
    return { n, pid: process.pid }
  }
}

const node = DistributedModule.forRoot({ services: [JobService] })
process.on('disconnect', () => process.exit())
process.on('message', message => {
  if (message === 'settle') process.send?.('settled')
  else if (message === 'let go') node.resolve(JobService).letGo()
  else void node.stop().then(() => process.exit())
})
void node.start().then(() => process.send?.('started'))
