import { feathers } from '@feathersjs/feathers'
import { DistributedModule } from 'feathers-mesh'
import { fail, stopInOrder, tellReady } from '../process'
import { NoteService } from './note-service'

async function start (): Promise<void> {
  // The app opens no port for clients: they can reach it only over the mesh.
  const app = feathers()
  const mesh = DistributedModule.forRoot({ app, services: ['notes'] })
  app.use('notes', new NoteService(), { methods: ['find', 'create', 'whoami'] })
  stopInOrder(mesh)
  await mesh.start()
  tellReady()
}

start().catch(fail)
