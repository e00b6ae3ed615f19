/** A node that hosts the notes in the version that its environment names. */
import { DistributedModule } from 'feathers-mesh'
import { NextNotesService, NotesService } from './notes-service'
import { obey, stopOnSigterm } from './obey'

const service = process.env.VERSION === '2.0.0' ? NextNotesService : NotesService
const mesh = DistributedModule.forRoot({ services: [service] })

stopOnSigterm(() => mesh.stop())

obey({
  start: () => mesh.start(),
  id: () => mesh.nodes()[0].id,
  /** As errors and warnings of others name it. */
  title: () => `${mesh.nodes()[0].name ?? ''} (${mesh.nodes()[0].id})`
})
