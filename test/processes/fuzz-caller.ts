/** A node that calls an honest host and a hostile one, and listens to events of both. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { DistributedModule, type DistributedModuleOptions } from 'feathers-mesh'
import { obey, stopOnSigterm } from './obey'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const options = JSON.parse(process.env.HOST_OPTIONS ?? '{}') as DistributedModuleOptions
const mesh = DistributedModule.forRoot({ ...options, remotes: ['jobs', 'odd'], timeout: 2_000, retries: 0 })
stopOnSigterm(async () => await mesh.stop())
let events = 0

obey({
  async start () {
    await mesh.start()
    for (const event of ['created', 'updated', 'gap']) mesh.app.service('odd').on(event, () => { events++ })
  },
  /** How many calls of the hostile host ended, however they did. */
  async callOdd (times: number) {
    const calls = Array.from({ length: times }, (_, n) => mesh.app.service('odd').get(n))
    return (await Promise.allSettled(calls)).length
  },
  callHonest: () => mesh.app.service('jobs').find(),
  events: () => events,
  counters: () => mesh.counters(),
  memory () {
    collectGarbage()
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    return heapUsed + arrayBuffers
  },
  polluted: () => Object.keys(Object.prototype).length > 0 || 'polluted' in {}
})
