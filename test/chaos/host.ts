/** A node that hosts the jobs. */
import { setTimeout as delay } from 'node:timers/promises'
import { DistributedModule, type DistributedModuleOptions } from 'feathers-mesh'
import { container } from 'tsyringe'
import { obey, stopOnSigterm } from '../processes/obey'
import { JobService, type JobOptions } from './job-service'

// Long enough that callers without pause leave most of the machine to the processes under test.
const { replica, runs, work = 75, ...options } = JSON.parse(process.env.OPTIONS ?? '{}') as
  DistributedModuleOptions & JobOptions

const own = container.createChildContainer()
const service = new JobService({ replica, runs, work })
own.registerInstance(JobService, service)

const mesh = DistributedModule.forRoot({ container: own, services: [JobService, 'plain'], ...options })
const usePlain = (): void => {
  mesh.app.use('plain', {
    find: async () => await delay(work, replica),
    create: async () => await delay(work, replica)
  })
}
usePlain()

stopOnSigterm(() => mesh.stop())

obey({
  start: () => mesh.start(),
  stop: () => mesh.stop(),
  id: () => mesh.nodes()[0].id,
  nodes: () => mesh.nodes(),
  /**
   * Stops this process until SIGCONT, between two turns of its event loop: what it has read of the wire has begun, and
   * all else is still in its sockets. A signal from outside may come between the check of a call and its first line.
   */
  suspend: () => { setImmediate(() => process.kill(process.pid, 'SIGSTOP')) },
  note: (id: string) => service.noted.emit({ id }),
  use: usePlain,
  unuse: async () => { await mesh.app.unuse('plain') }
})
