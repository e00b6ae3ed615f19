import { feathers } from '@feathersjs/feathers'
import { DistributedModule } from 'feathers-mesh'
import { container } from 'tsyringe'
import { fail, setting, stopWhenAsked, tellLauncher } from './process'
import { REPLICA, TodoService } from './todo-service'
import { TodoStore } from './todo-store'

async function start (): Promise<void> {
  const replica = container.createChildContainer()
  replica.register(REPLICA, { useValue: setting('REPLICA') })
  replica.register(TodoStore, { useValue: new TodoStore(setting('TODOS_FILE')) })

  const mesh = DistributedModule.forRoot({ app: feathers(), container: replica, services: [TodoService] })
  stopWhenAsked(() => mesh.stop())
  await mesh.start()
  tellLauncher({ type: 'ready' })
}

start().catch(fail)
