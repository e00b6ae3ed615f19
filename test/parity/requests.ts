import { ERRORS, SAID } from './replies'

/** A request of a web client. */
export interface RestRequest {
  readonly method: string
  readonly path: string
  readonly headers?: Record<string, string>
  readonly body?: unknown
}

/** A call of a socket.io client, as Feathers' own client makes it. */
export type SocketCall = readonly [method: string, path: string | null, ...args: unknown[]]

const get = (path: string, headers?: Record<string, string>): RestRequest => ({ method: 'GET', path, headers })
const post = (path: string, body?: unknown, headers?: Record<string, string>): RestRequest =>
  ({ method: 'POST', path, body, headers })
const send = (method: string, path: string, body?: unknown): RestRequest => ({ method, path, body })
const custom = (path: string, method: string, body: unknown): RestRequest =>
  post(path, body, { 'x-service-method': method })
const kindOf = (kind: string): string => `kind=${encodeURIComponent(kind)}`

/** The order matters, because the services keep state. */
export const REST: readonly RestRequest[] = [
  // people: fields hidden by resolvers, pages, several at once, operators of queries
  post('people', { name: 'ada', age: 36 }),
  post('people', [{ name: 'bob', age: 20 }, { name: 'cid', age: 30 }, { name: 'dan', age: 40 }]),
  get('people'),
  get('people?$limit=1&$skip=1'),
  get('people?$limit=0'),
  get('people?age[$gt]=25&age[$lte]=40&$sort[age]=-1'),
  get('people?$or[0][name]=ada&$or[1][name]=bob&$select[]=name'),
  get('people?name[$in][]=ada&name[$nin][]=bob'),
  get('people?name[$unknown]=1'),
  get('people/1'),
  get('people/1?$select[]=age&$select[]=password'),
  get('people/99'),
  send('PATCH', 'people/1', { age: 37 }),
  send('PATCH', 'people?name[$in][]=cid&name[$in][]=dan', { old: true }),
  send('PUT', 'people/2', { name: 'bea', password: 'OTHER SECRET' }),
  send('PUT', 'people', { name: 'none' }),
  send('PATCH', 'people/99', {}),
  send('DELETE', 'people/4'),
  send('DELETE', 'people?name=cid'),
  post('people', { id: 3, name: 'cid' }),
  // what hides fields is within results, at any depth, and one service embeds it of another
  get('messages'),
  get('messages/5'),
  get('messages/5?$select[]=person'),
  post('messages', { text: 'new' }),
  get('threads/1'),
  get('boards/1'),
  // status, headers, location and dispatch that hooks of the host say
  ...SAID.map(kind => post('jobs', { kind })),
  ...['accepted', 'unguarded', 'statusCode', 'location', 'created', 'cookies'].map(kind => get(`jobs/${kind}`)),
  ...SAID.map(kind => get(`jobs?${kindOf(kind)}`)),
  ...SAID.map(kind => send('PATCH', 'jobs/1', { kind })),
  ...['accepted', 'location', 'dispatch by hand', 'result null', 'status and dispatch'].flatMap(kind => [
    send('PUT', 'jobs/1', { kind }), send('DELETE', `jobs/1?${kindOf(kind)}`), custom('jobs', 'run', { kind })
  ]),
  // errors of hooks before and after the method, with what was said before them, and those that hooks take back
  ...ERRORS.map(kind => post('jobs', { kind })),
  ...ERRORS.map(kind => get(`jobs?${kindOf(`late ${kind}`)}`)),
  ...ERRORS.map(kind => custom('jobs', 'run', { kind })),
  ...ERRORS.map(kind => post('jobs', { kind, recover: true })),
  get(`jobs?${kindOf('plain')}&other=1`),
  custom('jobs', 'unknown', {}),
  custom('jobs', 'find', {}),
  custom('jobs', 'setup', {}),
  // guards, queries, routes, headers, methods and paths that there are not
  get('guarded?a[b][]=1&c=%C3%BC&d', { 'x-asked': 'header' }),
  get('guarded', { authorization: 'nobody' }),
  get('guarded/1'),
  send('PUT', 'guarded/1', {}),
  send('PATCH', 'guarded/1?q=1', { list: [1, { a: null }] }),
  send('PATCH', 'guarded', { all: true }),
  send('DELETE', 'guarded?all=1'),
  send('HEAD', 'guarded'),
  send('OPTIONS', 'guarded'),
  post('guarded', [1, 'a', null]),
  post('guarded', 'a=1&b[]=2&b[]=3', { 'content-type': 'application/x-www-form-urlencoded' }),
  post('guarded', '{"broken', { 'content-type': 'application/json' }),
  post('guarded'),
  get('rooms/a%20b/seats/1'),
  get('rooms/1/chairs/1'),
  get('nowhere'),
  get('nowhere/1', { accept: 'text/html' }),
  // values that JSON has no words for, and uploads
  ...['date', 'bytes', 'collections', 'numbers', 'undefineds', 'class', 'classes', 'shared', 'sparse', 'error', 'empty',
    'none', 'nothing', 'keys'].map(id => get(`values/${encodeURIComponent(id)}`)),
  post('values', { upload: Buffer.from('bytes').toString('base64') }),
  post('values', Buffer.alloc(100_000, 7), { 'content-type': 'application/octet-stream' })
]

export const SOCKET: readonly SocketCall[] = [
  ['find', 'people', { $limit: 1, age: { $gt: 1 } }],
  ['get', 'people', 1],
  ['get', 'people', 99],
  ['create', 'people', { name: 'eve' }, {}],
  ['create', 'people', [{ name: 'fay' }, { name: 'gil' }]],
  ['patch', 'people', 1, { age: 1 }, {}],
  ['update', 'people', 1, { name: 'ada' }],
  ['remove', 'people', null, { name: 'gil' }],
  ['get', 'messages', 1],
  ['get', 'threads', 1],
  ['find', 'messages', {}],
  ...SAID.filter(kind => kind !== 'unguarded').map(kind => ['create', 'jobs', { kind }, {}] as const),
  ...SAID.map(kind => ['get', 'jobs', kind] as const),
  ...ERRORS.map(kind => ['create', 'jobs', { kind }, {}] as const),
  ...ERRORS.map(kind => ['find', 'jobs', { kind: `late ${kind}` }] as const),
  ['run', 'jobs', { kind: 'dispatch by hand' }],
  ['run', 'jobs', { kind: 'conflict' }, { a: 1 }],
  ['shout', 'jobs', {}],
  ['find', 'guarded', { a: 1 }, 'too', 'many'],
  ['find', 'guarded', { a: { b: [1, null] } }],
  ['get', 'rooms/a/seats', 1, {}],
  ['get', 'nowhere', 1],
  ['get', null, 1],
  ...['bytes', 'date', 'undefineds', 'class', 'nothing', 'numbers'].map(id => ['get', 'values', id] as const),
  ['create', 'values', Buffer.from('bytes of a socket')],
  ['create', 'values', { file: Buffer.from('within') }]
]

/** Calls whose events reach clients. */
export const CAUSES: readonly SocketCall[] = [
  ['create', 'notes', { text: 'one', secret: 'SECRET' }],
  ['create', 'notes', [{ text: 'two' }, { text: 'three' }]],
  ['patch', 'notes', 1, { text: 'changed' }],
  ['patch', 'notes', 1, { text: 'unheard', quiet: true }],
  ['remove', 'notes', 1],
  ['shout', 'notes', { loud: true }],
  ['create', 'people', { name: 'eve' }],
  ['create', 'people', [{ name: 'fay' }, { name: 'gil' }]],
  ['patch', 'people', 1, { age: 5 }],
  ['update', 'people', 2, { name: 'bea' }],
  ['remove', 'people', 3],
  ['create', 'messages', { text: 'embeds' }],
  // Behind all others of each service.
  ['shout', 'notes', { last: true }],
  ['create', 'people', { name: 'last' }],
  ['create', 'messages', { text: 'last' }]
]
