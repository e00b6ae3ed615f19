/** A node that calls the notes and holds their class. */
import { DistributedModule, InjectRemote, type RemoteService } from 'feathers-mesh'
import { injectable } from 'tsyringe'
import { classesOf, Note, NotesService } from './notes-service'
import { obey, stopOnSigterm, tell } from './obey'

@injectable()
class Desk {
  constructor (@InjectRemote(NotesService) readonly notes: RemoteService<NotesService>) {}
}

type AnyMethod = (...args: readonly unknown[]) => Promise<unknown>

const { STRICT, CHECKS } = process.env
const options = { strictContracts: STRICT === 'yes', validateAtCaller: CHECKS === 'yes', waitForService: false }
const mesh = DistributedModule.forRoot({ remotes: ['notes'], ...options })
const { notes } = mesh.resolve(Desk)

/** What is known of a note in this process. */
function describe (note: Note): unknown {
  return { ...classesOf(note), title: note.title, isNote: note instanceof Note }
}

stopOnSigterm(() => mesh.stop())

obey({
  start: () => mesh.start(),
  services: () => mesh.services(),
  /** Calls with what a test can't send by JSON. */
  create: async () => {
    notes.on('written', note => tell('written', describe(note)))
    const note = await notes.create({
      text: 'Buy milk', author: { name: 'ann' }, due: new Date(0), scan: Buffer.from('abc'), tags: new Map([['a', 1]])
    })
    return describe(note)
  },
  find: async () => (await notes.find({ query: { limit: 5 } })).map(describe),
  call: ({ method, args }: { method: keyof RemoteService<NotesService>, args: readonly unknown[] }) =>
    (notes[method] as unknown as AnyMethod)(...args)
})
