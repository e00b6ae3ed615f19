/** A node that hosts the todos: all options are the defaults. */
import { DistributedModule } from 'feathers-mesh'
import { container } from 'tsyringe'
import { obey, stopOnSigterm, tell } from './obey'
import { REPLICA, TodoService } from './todo-service'

const replica = container.createChildContainer()
replica.register(REPLICA, { useValue: process.env.REPLICA ?? 'A' })

const mesh = DistributedModule.forRoot({ container: replica, services: [TodoService] })
const service = mesh.resolve(TodoService)

stopOnSigterm(async () => {
  await mesh.stop()
  tell('stopped', service.runs)
})

obey({
  start: () => mesh.start(),
  id: () => mesh.nodes()[0].id,
  nodes: () => mesh.nodes(),
  runs: () => service.runs,
  block: () => { service.blocked = true },
  emit: (title: string) => service.completed.emit({ id: 0, title, replica: process.env.REPLICA ?? 'A' })
})
