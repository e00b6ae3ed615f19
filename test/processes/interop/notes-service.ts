import { setTimeout as delay } from 'node:timers/promises'
import { BadRequest, Conflict, NotFound } from '@feathersjs/errors'
import type { Id, NullableId, Params } from '@feathersjs/feathers'

/** The report of a method about its call. */
export interface Note {
  /** The node that answered. */
  node: string
  path: string
  method: string
  id?: NullableId
  data?: unknown
  query?: unknown
  user?: unknown
  fromRemote?: unknown
  /** The header by which traces go on. */
  trace?: string
}

/** Milliseconds that a call takes, so that some are under way at any time. */
const work = 2

/** A plain Feathers service, as a team on feathers-distributed has it: it answers with what it was called with. */
export class NotesService {
  /** Calls by method. */
  readonly calls: Record<string, number> = {}

  constructor (private readonly node: string, private readonly path: string) {}

  async find (params?: Params): Promise<Note[]> {
    return [await this.answer('find', params)]
  }

  async get (id: Id, params?: Params): Promise<Note> {
    if (typeof id === 'string' && Object.hasOwn(failures, id)) throw failures[id]()
    if (id === 'never') return await this.neverAnswer(params)
    return await this.answer('get', params, { id })
  }

  async create (data: unknown, params?: Params): Promise<Note> {
    return await this.answer('create', params, { data })
  }

  async update (id: NullableId, data: unknown, params?: Params): Promise<Note> {
    return await this.answer('update', params, { id, data })
  }

  async patch (id: NullableId, data: unknown, params?: Params): Promise<Note> {
    return await this.answer('patch', params, { id, data })
  }

  async remove (id: NullableId, params?: Params): Promise<Note> {
    return await this.answer('remove', params, { id })
  }

  /** A custom method, known to the node's `distributedMethods`. */
  async archive (data: unknown, params?: Params): Promise<Note> {
    return await this.answer('archive', params, { data })
  }

  /** A custom method that the node does not let out. */
  async shred (data: unknown, params?: Params): Promise<Note> {
    return await this.answer('shred', params, { data })
  }

  /**
   * Counts when its caller has given up, of which our nodes are notified. It answers nothing even then: the deadline of
   * the caller may be a moment later than that of the host.
   */
  private async neverAnswer ({ signal }: { readonly signal?: AbortSignal } = {}): Promise<never> {
    this.calls.waiting = (this.calls.waiting ?? 0) + 1
    await new Promise(resolve => { signal?.addEventListener('abort', resolve) })
    this.calls.givenUp = (this.calls.givenUp ?? 0) + 1
    return await new Promise<never>(() => {})
  }

  private async answer (method: string, params: Params = {}, fields: Partial<Note> = {}): Promise<Note> {
    this.calls[method] = (this.calls[method] ?? 0) + 1
    await delay(work)
    const { query, user, fromRemote } = params as Params & Note
    const trace = (params.headers as { traceparent?: string } | undefined)?.traceparent
    const known = { node: this.node, path: this.path, method, ...fields, query, user, fromRemote }
    return trace === undefined ? known : { ...known, trace }
  }
}

/** What `get` throws for some ids. */
const failures: Readonly<Record<string, () => Error>> = {
  missing: () => new NotFound('there is no such note', { hint: 'try another' }),
  wrong: () => new BadRequest('the note is wrong', { errors: [{ path: 'title', message: 'too long' }] }),
  taken: () => new Conflict('the note is taken'),
  broken: () => new TypeError('the note is broken')
}
