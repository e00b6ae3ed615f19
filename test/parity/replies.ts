import { BadRequest, Conflict, FeathersError, GeneralError, NotAuthenticated, NotFound } from '@feathersjs/errors'
import type { Application, HookContext, Params } from '@feathersjs/feathers'
import type {} from '@feathersjs/transport-commons'

interface Kind {
  kind: string
}

/** What hooks say to transports beside the result, each by the name that a request gives in `data.kind`, or the id. */
const SAYINGS: Record<string, (context: HookContext) => void> = {
  accepted: context => { context.http = { ...context.http, status: 202, headers: { 'x-job': '1', 'x-list': 'a, b' } } },
  unguarded: context => { (context.http as { status: number }).status = 203 },
  statusCode: context => { context.statusCode = 299 },
  location: context => { context.http = { location: '/jobs/1?ü=1' } },
  created: context => { context.http = { status: 201, headers: { Location: '/jobs/2' } } },
  cookies: context => { context.http = { headers: { 'set-cookie': ['a=1', 'b=2'] as unknown as string } } },
  'no content': context => { context.http = { status: 204 } },
  'only headers': context => { context.http = { headers: { 'cache-control': 'no-store', 'content-language': 'de' } } },
  'dispatch by hand': context => { context.dispatch = { hidden: true } },
  'dispatch list': context => { context.dispatch = [{ hidden: true }, null, 1] },
  'dispatch null': context => { context.dispatch = null },
  'dispatch text': context => { context.dispatch = 'text' },
  'dispatch empty': context => { context.dispatch = {} },
  'dispatch itself': context => { context.dispatch = context.result },
  'dispatch then result': context => { context.dispatch = { hidden: true }; context.result = { other: true } },
  'dispatch with functions': context => { context.dispatch = { list: [() => 1], call: () => 1, at: new Date(0) } },
  'result then nothing': context => { context.result = { changed: true } },
  'result null': context => { context.result = null },
  'result undefined': context => { context.result = undefined },
  'result list': context => { context.result = [1, 'a', null] },
  'result text': context => { context.result = 'text' },
  'result number': context => { context.result = 7 },
  'result zero': context => { context.result = 0 },
  'result false': context => { context.result = false },
  'status and dispatch': context => { context.http = { status: 207 }; context.dispatch = { both: true } }
}

/** What hooks throw. */
const THROWN: Record<string, (context: HookContext) => unknown> = {
  'not found': () => new NotFound('no such job', { id: 1, errors: { id: 'wrong' } }),
  'bad request': () => new BadRequest('bad', [{ path: 'a' }, { path: 'b' }]),
  conflict: () => new Conflict({ message: 'as an object', errors: [{ at: 1 }], why: 'data' }),
  own: () => new FeathersError('teapot', 'Teapot', 418, 'teapot', { cups: 2 }),
  general: () => new GeneralError(new Error('within'), { at: 1 }),
  plain: () => new Error('plain'),
  'with code': () => Object.assign(new Error('with code'), { code: 503, detail: 'shown' }),
  'with status': context => {
    context.http = { status: 202, headers: { 'x-job': '1' } }
    return new BadRequest('after http')
  },
  'with dispatch': context => { context.dispatch = { hidden: true }; return new BadRequest('after dispatch') },
  type: () => new TypeError('a type error')
}

export const SAID = Object.keys(SAYINGS)
export const ERRORS = Object.keys(THROWN)

/** A service whose hooks say what a request asks for, for all methods and a custom one. */
export function defineJobs (app: Application): void {
  /** Params are seen as their query. */
  const shown = (value: unknown): unknown => (value as Params | undefined)?.query ?? value
  const result = (how: string) => async (given: unknown, data?: unknown) =>
    ({ how, given: shown(given), data: shown(data) })
  const jobs = {
    find: async (params: Params) => [{ how: 'find', query: params.query }],
    get: result('get'),
    create: result('create'),
    update: result('update'),
    patch: result('patch'),
    remove: result('remove'),
    run: async (data: unknown) => ({ ran: data })
  }
  app.use('jobs', jobs, { methods: ['find', 'get', 'create', 'update', 'patch', 'remove', 'run'] })
  const kindOf = ({ id, data, params }: HookContext): string =>
    (data as Kind | undefined)?.kind ?? (params.query as Kind | undefined)?.kind ?? String(id)
  app.service('jobs').hooks({
    before: { all: [async context => {
      const kind = kindOf(context)
      if (Object.hasOwn(THROWN, kind)) throw THROWN[kind](context)
    }] },
    after: { all: [async context => {
      const kind = kindOf(context)
      if (Object.hasOwn(SAYINGS, kind)) SAYINGS[kind](context)
      if (kind.startsWith('late ')) throw THROWN[kind.slice('late '.length)](context)
    }] },
    error: { all: [async context => {
      const { recover } = (context.data ?? {}) as { recover?: true }
      if (recover) context.result = { recovered: context.error.message }
      if ((context.params.query as { other?: true } | undefined)?.other) context.error = new NotFound('another error')
    }] }
  })
}

/** What a request brings: its query, route and headers, as a guard sees them. */
export function defineGuarded (app: Application): void {
  app.use('guarded', {
    async find ({ query, provider, route, headers }: Params & { route?: object }) {
      return { query, provider, route, accept: headers?.['x-asked'] }
    },
    async create (data: unknown) { return data },
    async patch (id: unknown, data: unknown, { query }: Params) { return { id, data, query } },
    async remove (id: unknown, { query }: Params) { return { id, query } }
  })
  app.service('guarded').hooks({
    before: { all: [async ({ params }) => {
      const isOutside = params.provider !== undefined
      if (isOutside && params.headers?.authorization === 'nobody') throw new NotAuthenticated('who?')
    }] }
  })
  app.use('rooms/:roomId/seats', {
    async get (id: unknown, { route }: Params & { route?: object }) { return { id, route } }
  })
}

/** Values that JSON has no words for, and bytes. */
export function defineValues (app: Application): void {
  class Point {
    constructor (readonly x: number, private readonly y: number) {}

    get sum (): number { return this.x + this.y }
    toJSON (): object { return { point: [this.x, this.y] } }
  }
  const shared = { shared: true }
  const values: Record<string, () => unknown> = {
    date: () => ({ at: new Date(0), invalid: new Date(NaN) }),
    bytes: () => ({ bytes: Buffer.from('bytes'), view: new Uint8Array([1, 2, 3]) }),
    collections: () => ({ map: new Map([['a', 1]]), set: new Set([1]), url: new URL('http://a.b/c') }),
    numbers: () => [NaN, Infinity, -0, 1e21, 2 ** 53],
    undefineds: () => ({ a: undefined, list: [undefined, 1], b: null }),
    class: () => new Point(1, 2),
    classes: () => [new Point(1, 2), { within: new Point(3, 4) }],
    shared: () => [shared, shared, { shared }],
    sparse: () => Object.assign([1], { 3: 4 }),
    error: () => ({ error: new Error('within a result') }),
    empty: () => ({}),
    none: () => [],
    nothing: () => undefined,
    keys: () => ({ toString: 1, constructor: 'a', 'ü ': 2, '': 3 })
  }
  app.use('values', {
    async get (id: string) { return values[id]() },
    async create (data: unknown) {
      if (Buffer.isBuffer(data)) return { bytes: data.length, text: data.toString() }
      return { kind: Object.prototype.toString.call(data), data }
    }
  })
}

/** Notes whose events go to channels, with what hooks hide from clients, and events of the service's own. */
export function defineNotes (app: Application): void {
  let last = 0
  const notes = {
    async create (data: object | object[]) {
      return Array.isArray(data) ? data.map(each => ({ id: ++last, ...each })) : { id: ++last, ...data }
    },
    async patch (id: unknown, data: object) { return { id, ...data } },
    async remove (id: unknown) { return { id } },
    async shout (data: object) {
      app.service('notes').emit('shouted', { shouted: data })
      return null
    }
  }
  app.use('notes', notes, { methods: ['create', 'patch', 'remove', 'shout'], events: ['shouted'] })
  app.service('notes').hooks({
    after: {
      create: [async context => {
        if (!Array.isArray(context.result)) context.dispatch = { id: context.result.id, hidden: true }
      }],
      patch: [async context => { if ((context.data as { quiet?: true }).quiet) context.event = null }]
    }
  })
}
