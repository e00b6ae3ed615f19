/** A node whose machine may have a wrong clock: it serves jobs, counts those that begin late, and calls other nodes. */
import { setTimeout as delay } from 'node:timers/promises'
import { feathers, type Params } from '@feathersjs/feathers'
import { IsNumber } from 'class-validator'
import { Distributed, DistributedMethod, DistributedModule, type DistributedModuleOptions } from 'feathers-mesh'
import { obey } from './obey'

/** Milliseconds of a clock that all processes of a machine share and nobody can set. */
const now = (): number => Number(process.hrtime.bigint() / 1_000n) / 1_000

class Job {
  /** When its caller stops waiting, by {@link now}. */
  @IsNumber() readonly due!: number
  /** Milliseconds that it takes. */
  @IsNumber() readonly takes!: number
}

/** What ran on this node. */
const ran = { jobs: 0, late: [] as number[], wrongDeadlines: [] as number[] }

async function run ({ due, takes }: Job, { deadline = NaN }: Params = {}): Promise<string> {
  const left = due - now()
  ran.jobs++
  if (left <= 0) ran.late.push(left)
  // The wall clock may have been set since the call came, and the deadline goes with it.
  if (Math.abs(deadline - Date.now() - left) > 1_000) ran.wrongDeadlines.push(deadline - Date.now() - left)
  await delay(takes)
  return process.env.NODE_NAME ?? ''
}

@Distributed('decorated')
class Jobs {
  @DistributedMethod()
  async create (data: Job, params?: Params): Promise<string> {
    return await run(data, params)
  }
}

interface Remote { create (job: Job): Promise<string> }

const options = JSON.parse(process.env.MESH_OPTIONS ?? '{}') as DistributedModuleOptions
const app = feathers()
const isHost = process.env.NODE_NAME === 'host'
const mesh = DistributedModule.forRoot({ app, services: isHost ? [Jobs, 'plain'] : [], ...options })
if (isHost) app.use('plain', { create: run })

/** Calls without pause until told to stop. */
const load = { stops: false, calls: 0, failures: [] as string[], ended: Promise.resolve() }

async function call (path: string, takes: number, timeout: number): Promise<string> {
  return await mesh.remote<Remote>(path).with({ timeout }).create({ due: now() + timeout, takes })
}

async function keepCalling (path: string): Promise<void> {
  while (!load.stops) {
    await call(path, 10, 2_000).catch(error => { load.failures.push(String(error)) })
    load.calls++
  }
}

obey({
  start: () => mesh.start(),
  wall: () => Date.now(),
  ran: () => ran,
  call: async ({ path, takes, timeout }: { path: string, takes: number, timeout: number }) =>
    await call(path, takes, timeout),
  startLoad: () => {
    Object.assign(load, { stops: false, calls: 0, failures: [] })
    load.ended = Promise.all(['plain', 'decorated'].flatMap(path => [path, path]).map(keepCalling)).then(() => {})
  },
  load: () => ({ calls: load.calls, failures: load.failures }),
  stopLoad: async () => {
    load.stops = true
    await load.ended
    return { calls: load.calls, failures: load.failures }
  }
})
