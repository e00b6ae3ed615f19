import { BadRequest } from '@feathersjs/errors'
import type { Params } from '@feathersjs/feathers'

export interface Note { id: number, text: string, author: string }

/** What the gateway says of the caller; no token, no password, nothing to check here. */
export interface CallerParams extends Params {
  user?: { id: number, email: string }
}

/** A plain Feathers service. It uses what it is told of its callers, and knows nothing of authentication. */
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

  /** Answers with all that it knows of its caller. */
  async whoami (_data: unknown, params?: CallerParams): Promise<{ user: unknown, params: string[] }> {
    return { user: params?.user, params: Object.keys(params ?? {}).sort() }
  }
}
