import { BadRequest } from '@feathersjs/errors'
import type { Params } from '@feathersjs/feathers'

export interface Note { id: number, text: string, author: string }

/** What the gateway tells about the caller: no token, no password, nothing to check here. */
export interface CallerParams extends Params {
  user?: { id: number, email: string }
}

/** A plain Feathers service. It trusts what the gateway tells about callers, and knows nothing of authentication. */
export class NoteService {
  private readonly notes: Note[] = []

  async find (): Promise<Note[]> {
    return this.notes
  }

  async create ({ text }: { text?: unknown }, params?: CallerParams): Promise<Note> {
    if (typeof text !== 'string' || text === '') throw new BadRequest('A note needs a text')
    const note = { id: this.notes.length + 1, text, author: params?.user?.email ?? 'nobody' }
    this.notes.push(note)
    return note
  }

  /** Returns everything that the service knows about its caller. */
  async whoami (_data: unknown, params?: CallerParams): Promise<{ user: unknown, params: string[] }> {
    return { user: params?.user, params: Object.keys(params ?? {}).sort() }
  }
}
