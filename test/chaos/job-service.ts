import { appendFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { Id, Params } from '@feathersjs/feathers'
import { Distributed, DistributedEvent, DistributedMethod, type ServiceEvent } from 'feathers-mesh'

export interface JobParams extends Params {
  query?: { id: string }
}

interface Data {
  id: string
}

export interface JobOptions {
  /** The name of the replica. */
  readonly replica: string
  /** The file that records each run, because a killed process can no longer report it. */
  readonly runs: string
  /** Milliseconds that a call takes. */
  readonly work: number
}

/** Its data is an interface's. */
const UNCHECKED = { data: Object }

/** Each call has an id of its own; each run of it is written down before anything else. */
@Distributed('jobs')
export class JobService {
  @DistributedEvent() readonly noted!: ServiceEvent<Data>

  constructor (private readonly options: JobOptions) {}

  @DistributedMethod() async find (params?: JobParams): Promise<string> { return await this.run(params?.query?.id) }
  @DistributedMethod() async get (id: Id): Promise<string> { return await this.run(id) }
  @DistributedMethod(UNCHECKED) async create (data: Data): Promise<string> { return await this.run(data.id) }
  @DistributedMethod(UNCHECKED) async update (id: Id, _data: object): Promise<string> { return await this.run(id) }
  @DistributedMethod(UNCHECKED) async patch (id: Id, _data: object): Promise<string> { return await this.run(id) }
  @DistributedMethod() async remove (id: Id): Promise<string> { return await this.run(id) }
  @DistributedMethod({ ...UNCHECKED, idempotent: true })
  async read (data: Data): Promise<string> { return await this.run(data.id) }

  @DistributedMethod(UNCHECKED) async write (data: Data): Promise<string> { return await this.run(data.id) }

  private async run (id: Id | undefined): Promise<string> {
    appendFileSync(this.options.runs, `${id}\n`)
    await delay(this.options.work)
    return this.options.replica
  }
}
