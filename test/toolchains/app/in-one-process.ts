import { DistributedModule, MemoryNetwork } from 'feathers-mesh'
import { container } from 'tsyringe'
import { Dashboard } from './dashboard'
import { TodoService } from './todo-service'

/** Both nodes in the process of a test runner. */
export async function inOneProcess (): Promise<string> {
  const network = new MemoryNetwork()
  const options = () => ({ transport: network.transport(), container: container.createChildContainer() })
  const host = DistributedModule.forRoot({ ...options(), services: [TodoService] })
  const consumer = DistributedModule.forRoot({ ...options(), remotes: ['todos'], timeout: 10_000 })
  try {
    await host.start()
    await consumer.start()
    return await consumer.resolve(Dashboard).results()
  } finally {
    await consumer.stop()
    await host.stop()
  }
}
