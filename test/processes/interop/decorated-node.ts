/** What becomes of a node of the notes when it moves on from the plugin to decorators. */
import type { Id, Params } from '@feathersjs/feathers'
import { IsString, Length } from 'class-validator'
import { Distributed, DistributedMethod, DistributedModule } from 'feathers-mesh'
import { obey, stopOnSigterm } from '../obey'
import { NotesService, type Note } from './notes-service'

const { NODE_NAME: name = 'decorated', NOTES_PATH: path = 'notes', DISCOVERY_PORT: port } = process.env
const plain = new NotesService(name, path)

class NoteData {
  @IsString() @Length(1, 20) title!: string
}

@Distributed(path)
class DecoratedNotesService {
  @DistributedMethod()
  async find (params?: Params): Promise<Note[]> {
    return await plain.find(params)
  }

  @DistributedMethod()
  async get (id: Id, params?: Params): Promise<Note> {
    return await plain.get(id, params)
  }

  @DistributedMethod()
  async create (data: NoteData, params?: Params): Promise<Note> {
    return await plain.create(data, params)
  }

  @DistributedMethod()
  async archive (data: NoteData, params?: Params): Promise<Note> {
    return await plain.archive(data, params)
  }
}

const mesh = DistributedModule.forRoot({
  key: path, services: [DecoratedNotesService], cote: { port: Number(port) }
})

stopOnSigterm(() => mesh.stop())

obey({ start: () => mesh.start() })
