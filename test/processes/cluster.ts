/** Four workers of node:cluster, as `pm2 start -i 4` runs them, each a node; their primary is one as well. */
import cluster from 'node:cluster'
import { feathers } from '@feathersjs/feathers'
import { DistributedModule } from 'feathers-mesh'
import { obey, stopOnSigterm } from './obey'

const WORKERS = 4

interface Numbered { get (id: string): Promise<{ pid: number }> }

/** The other nodes that a node knows, and who answers at the path of each worker. */
interface Report { readonly known: number, readonly answers: readonly number[] }

const basePort = Number(process.env.FIRST_PORT)
const app = feathers()
const mesh = DistributedModule.forRoot({
  app,
  cote: Number.isNaN(basePort) ? {} : { basePort, highestPort: basePort + 9 }
})

async function report (): Promise<Report> {
  const paths = Array.from({ length: WORKERS }, (_, n) => `worker-${n + 1}`)
  const answers = await Promise.all(paths.map(async path => (await mesh.remote<Numbered>(path).get('pid')).pid))
  return { known: mesh.nodes().length - 1, answers }
}

function runWorker (): void {
  app.use(`worker-${cluster.worker?.id}`, { get: async () => ({ pid: process.pid }) })
  const started = mesh.start()
  process.on('message', () => { void started.then(report).then(told => process.send?.(told)) })
  process.on('disconnect', () => process.exit())
}

function runPrimary (): void {
  const workers = Array.from({ length: WORKERS }, () => cluster.fork())
  stopOnSigterm(async () => {
    await mesh.stop()
    for (const worker of workers) worker.kill()
  })
  obey({
    start: () => mesh.start(),
    pids: () => workers.map(({ process: { pid } }) => pid),
    report,
    reports: async () => await Promise.all(workers.map(async worker => await new Promise<Report>(resolve => {
      worker.once('message', resolve)
      worker.send('report')
    })))
  })
}

if (cluster.isPrimary) runPrimary()
else runWorker()
