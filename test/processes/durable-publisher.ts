/** A node that posts durable jobs. */
import { DistributedModule } from 'feathers-mesh'
import { DurableJobs } from './durable-jobs'
import { obey, stopOnSigterm } from './obey'

const mesh = DistributedModule.forRoot({ services: [DurableJobs] })

stopOnSigterm(() => mesh.stop())

obey({
  start: () => mesh.start(),
  post: (range: { from: number, to: number }) => mesh.remote(DurableJobs).create(range),
  letters: async () => (await mesh.deadLetters.list()).length
})
