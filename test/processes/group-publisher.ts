/** A node that publishes jobs; where MEMBER is set, it is one of those that handle them. */
import { DistributedModule } from 'feathers-mesh'
import { JobService, Worker } from './group-jobs'
import { obey, stopOnSigterm, tell } from './obey'

const mesh = DistributedModule.forRoot({
  services: [JobService], listeners: process.env.MEMBER === undefined ? [] : [Worker]
})
const jobs = mesh.resolve(JobService)
const name = process.env.NAME ?? 'A'
let sent = 0
let load: NodeJS.Timeout | undefined

function emit (times: number): number {
  for (let n = 0; n < times; n++) jobs.done.emit(`${name}${sent++}`)
  return sent
}

stopOnSigterm(async () => {
  clearInterval(load)
  await mesh.stop()
  tell('stopped', sent)
})

obey({
  start: () => mesh.start(),
  nodes: () => mesh.nodes(),
  emit,
  startLoad: (times: number) => { load = setInterval(() => emit(times), 10) },
  stopLoad: () => {
    clearInterval(load)
    return sent
  }
})
