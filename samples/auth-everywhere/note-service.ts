import { IsString, Length } from 'class-validator'
import { Distributed, DistributedMethod } from 'feathers-mesh'
import type { CallerParams, User } from './caller'

export interface Note { id: number, text: string, author: string }

export interface Caller {
  user?: User
  /** Whether the token arrived as well. */
  authentication: boolean
  /** Whether another node sent the call. */
  fromRemote: boolean
}

export class CreateNote {
  @IsString() @Length(1, 200) text!: string
}

@Distributed('notes')
export class NoteService {
  private readonly notes: Note[] = []

  @DistributedMethod()
  async find (_params?: CallerParams): Promise<Note[]> {
    return this.notes
  }

  @DistributedMethod({ idempotent: true, data: Object })
  async mine (_data: object, { user }: CallerParams): Promise<Note[]> {
    return this.notes.filter(({ author }) => author === user?.email)
  }

  @DistributedMethod()
  async create (data: CreateNote, params: CallerParams): Promise<Note> {
    const note = { id: this.notes.length + 1, text: data.text, author: params.user?.email ?? 'this node' }
    this.notes.push(note)
    return note
  }

  @DistributedMethod({ idempotent: true, data: Object })
  async count (_data: object, _params?: CallerParams): Promise<{ total: number }> {
    return { total: this.notes.length }
  }

  /** Returns what the service knows about its caller. */
  @DistributedMethod({ idempotent: true, data: Object })
  async whoami (_data: object, params: CallerParams): Promise<Caller> {
    const { user, authentication, fromRemote = false } = params
    return { user, authentication: authentication !== undefined, fromRemote }
  }
}
