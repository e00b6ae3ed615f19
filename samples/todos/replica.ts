import { feathers } from '@feathersjs/feathers'
import { DistributedModule } from 'feathers-mesh'
import { container } from 'tsyringe'
import { fail, setting, stopInOrder, tellReady } from '../process'
import { meshOptions } from './mesh-options'
import { REPLICA, TodoService } from './todo-service'
import { TodoStore } from './todo-store'

async function start (): Promise<void> {
  const name = setting('REPLICA')
  const replica = container.createChildContainer()
  replica.register(REPLICA, { useValue: name })
  replica.register(TodoStore, { useValue: TodoStore.open(setting('TODOS_FILE'), name) })

  const app = feathers()
  const mesh = DistributedModule.forRoot({
    ...meshOptions, app, name: `replica-${name}`, container: replica, services: [TodoService]
  })
  stopInOrder(mesh)
  await mesh.start()
  tellReady()
}

start().catch(fail)
