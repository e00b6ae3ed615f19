/** A node that many others join and leave, all in one process. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Distributed, DistributedEvent, DistributedMethod, DistributedModule, type ServiceEvent } from 'feathers-mesh'
import { obey } from '../processes/obey'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

@Distributed('echo')
class EchoService {
  @DistributedEvent() readonly heard!: ServiceEvent<number>

  @DistributedMethod({ data: Object }) async create (data: { n: number }): Promise<number> {
    this.heard.emit(data.n)
    return data.n
  }
}

const mesh = DistributedModule.forRoot({ services: [EchoService], remotes: ['visitor'], waitForService: true })

@Distributed('visitor')
class VisitorService {
  @DistributedMethod() async find (): Promise<string> { return 'visiting' }
}

/** One node that comes, calls, listens, is called, and leaves. */
async function visit (n: number): Promise<void> {
  const visitor = DistributedModule.forRoot({ services: [VisitorService], remotes: ['echo'] })
  await visitor.start()
  const echo = visitor.remote<EchoService>('echo')
  echo.on('heard', () => {})
  if (await echo.create({ n }) !== n) throw new Error('another answer')
  await mesh.remote<VisitorService>('visitor').find()
  await visitor.stop()
}

obey({
  // Without the service that it waits for: that comes with the first visitor.
  start: () => { void mesh.start().catch(() => {}) },
  visit: async (times: number) => { for (let n = 0; n < times; n++) await visit(n) },
  state: () => {
    collectGarbage()
    const resources: Record<string, number> = {}
    for (const name of process.getActiveResourcesInfo()) resources[name] = (resources[name] ?? 0) + 1
    const listeners = process.eventNames().map(name => process.listenerCount(name)).reduce((sum, count) => sum + count)
    return { resources, listeners, nodes: mesh.nodes().length, heap: process.memoryUsage().heapUsed }
  },
  stop: () => mesh.stop()
})
