/** A node that hosts the todos on a discovery port of its own, and reports its memory use. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { DistributedModule } from 'feathers-mesh'
import { container } from 'tsyringe'
import { obey, stopOnSigterm } from './obey'
import { REPLICA, TodoService } from './todo-service'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const replica = container.createChildContainer()
replica.register(REPLICA, { useValue: 'A' })

const mesh = DistributedModule.forRoot({
  container: replica,
  services: [TodoService],
  cote: {
    port: Number(process.env.DISCOVERY_PORT),
    // Where hellos say nothing to strangers, a test says itself where it is to be.
    ...process.env.TCP_PORT === undefined ? {} : { basePort: Number(process.env.TCP_PORT) }
  }
})

stopOnSigterm(async () => await mesh.stop())

obey({
  start: () => mesh.start(),
  id: () => mesh.nodes()[0].id,
  counters: () => mesh.counters(),
  /** Bytes that are in use: garbage apart, buffers included. */
  memory () {
    collectGarbage()
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    return heapUsed + arrayBuffers
  },
  polluted: () => Object.keys(Object.prototype).length > 0 || 'polluted' in {}
})
