/** A node that hosts nothing and calls the jobs. */
import { DistributedModule, type CallOptions, type DistributedModuleOptions } from 'feathers-mesh'
import { DialledSockets } from '../processes/dialled-sockets'
import { obey, stopOnSigterm, tell } from '../processes/obey'
import type { JobService } from './job-service'
import { Load, type LoadOptions } from './load'

const dialled = new DialledSockets()

const options = JSON.parse(process.env.OPTIONS ?? '{}') as DistributedModuleOptions
const mesh = DistributedModule.forRoot({ remotes: ['jobs'], ...options })
const jobs = mesh.remote<JobService>('jobs')

type Remote = ConstructorParameters<typeof Load>[0]
const loads: Readonly<Record<string, Load>> = {
  jobs: new Load(jobs as unknown as Remote),
  plain: new Load(mesh.remote<object>('plain') as unknown as Remote)
}

stopOnSigterm(() => mesh.stop())

obey({
  start: () => mesh.start(),
  nodes: () => mesh.nodes(),
  services: () => mesh.services(),
  watch: () => {
    jobs.on('noted', ({ id }) => tell('noted', id))
    jobs.on('gap', gap => tell('gap', gap))
  },
  call: ({ id, options: call }: { id: string, options: CallOptions }) => jobs.with(call).read({ id }),
  write: ({ id, options: call }: { id: string, options: CallOptions }) => jobs.with(call).write({ id }),
  /** Cuts all connections that this node has made; both sides live on. */
  cut: () => dialled.reset(),
  startLoad: ({ path = 'jobs', ...load }: LoadOptions & { path?: string }) => loads[path].start(load),
  counts: (path: string | null) => loads[path ?? 'jobs'].counts,
  failed: () => loads.jobs.failed,
  stopLoad: (path: string | null) => loads[path ?? 'jobs'].stop()
})
