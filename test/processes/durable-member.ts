/** A member of a durable group; it tells the test of each job before and after it handles it. */
import { DistributedModule } from 'feathers-mesh'
import { DurableJobs, type Handled } from './durable-jobs'
import { obey, stopOnSigterm, tell } from './obey'

const { GROUP = 'group', ORDERED } = process.env
const mesh = DistributedModule.forRoot({ drainTimeout: 5_000 })

mesh.remote(DurableJobs).on('posted', async (n, context) => {
  // The mesh adds it to each context of a durable event.
  const { delivery } = context.stored as { readonly delivery: number }
  tell('job', { n, delivery, at: String(process.hrtime.bigint()) } satisfies Handled)
  await new Promise(resolve => setImmediate(resolve))
  tell('done', n)
}, { durable: GROUP, ordered: ORDERED !== undefined, ackTimeout: 2_000, maxDeliveries: 100 })

stopOnSigterm(() => mesh.stop())

obey({ start: () => mesh.start() })
