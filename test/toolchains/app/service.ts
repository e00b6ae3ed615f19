import { feathers } from '@feathersjs/feathers'
import { DistributedModule } from 'feathers-mesh'
import { TodoService } from './todo-service'

/** The process that hosts the service: it says when others can call it, and leaves when it is asked to. */
async function main (): Promise<void> {
  const mesh = DistributedModule.forRoot({
    app: feathers(),
    services: [TodoService],
    cote: { broadcast: '127.255.255.255', environment: process.env.TOOLCHAIN_TEST }
  })
  await mesh.start()
  process.once('SIGTERM', () => void mesh.stop())
  console.log('the service can be called')
}

void main()
