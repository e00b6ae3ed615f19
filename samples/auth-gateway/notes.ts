import { feathers } from '@feathersjs/feathers'
import { DistributedModule } from 'feathers-mesh'
import { fail, stopWhenAsked, tellReady } from '../process'
import { NoteService } from './note-service'

async function start (): Promise<void> {
  // No port of its own: the mesh is the one way in.
  const app = feathers()
  const mesh = DistributedModule.forRoot({ app, services: ['notes'] })
  app.use('notes', new NoteService(), { methods: ['find', 'create', 'whoami'] })
  stopWhenAsked(() => mesh.stop())
  await mesh.start()
  tellReady()
}

start().catch(fail)
