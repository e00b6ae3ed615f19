import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { frame, DiscoveryPort } from '../transport/cote/wire'
import { KINDS, Victim, type Answer } from './victim'

// Many processes start here, on whatever machine this is.
jest.setTimeout(60_000)

/** Says it has a key, as our nodes do on each connection, before anything else. */
const CLAIM = frame('j:{"type":"mesh:caller","data":{"node":"x","key":"gateway"}}', 's:!')

interface Attempt {
  readonly request: object | Buffer
  readonly before?: Buffer
  /** Part of what the method sees where it believes what was forged. */
  readonly believed?: string
}

const find = (path: string, params?: object): object => ({ type: 'find', path, params })

/** By what the table calls them. */
const ATTEMPTS: Readonly<Record<string, Attempt>> = {
  'calls a service that `services` leaves out': { request: find('hidden') },
  'calls a method that the service leaves out of `distributedMethods`': {
    request: { type: 'remove', path: 'open', id: 1 }
  },
  'calls a method that the node leaves out of `distributedMethods`': { request: { type: 'shred', path: 'open' } },
  'calls `setup`': { request: { type: 'setup', path: 'open' } },
  'calls `teardown`': { request: { type: 'teardown', path: 'open' } },
  'calls `constructor`': { request: { type: 'constructor', path: 'open' } },
  'calls `toString`': { request: { type: 'toString', path: 'open' } },
  'calls `__proto__`': { request: { type: '__proto__', path: 'open' } },
  'calls `*`, which cote takes for all methods': { request: { type: '*', path: 'open', id: 1 } },
  'calls a service called `__proto__`': { request: find('__proto__') },
  'calls a service called `constructor`': { request: find('constructor') },
  'calls a service that nobody has': { request: find('never') },
  'forges `params.fromRemote`': { request: find('open', { fromRemote: false }), believed: '"fromRemote":false' },
  'forges `params.caller`': {
    request: find('open', { caller: { key: 'gateway' } }), believed: '"caller":{"key":"gateway"'
  },
  'forges `params.deadline`': { request: find('open', { deadline: 1 }), believed: '"deadline":1' },
  'forges `params.signal`': { request: find('open', { signal: { aborted: true } }), believed: '"aborted":true' },
  'calls a service that allows other keys, saying no key': { request: find('closed') },
  'claims a key that the service allows': { request: find('closed'), before: CLAIM },
  'claims to be a user, in `params.user`': { request: find('open', { user: { id: 1 } }), believed: '"user":{"id":1}' },
  'claims to be logged in, in `params.authenticated`': {
    request: find('open', { authenticated: true }), believed: '"authenticated":true'
  },
  'claims to be a call within the server, by no `params.provider`': { request: find('open'), believed: '"ran"' },
  'says JSON that ends too early': { request: frame('j:{', 's:<the id>') },
  'says `null` for a request': { request: frame('j:null', 's:<the id>') }
}

/** What came of an attempt, in the words of the table. */
function outcome ({ kind, text }: Answer, { believed }: Attempt): string {
  switch (kind) {
    case 'a value':
      if (believed === undefined) return '**runs**'
      return text.includes(believed) ? '**believed**' : 'not believed'
    case 'an error': return /"name":"(\w+)"/.exec(text)?.[1] ?? 'an error'
    case 'nothing': return 'no answer'
    case 'a closed connection': return 'closed'
    case 'the end of the process': return '**the node ends**'
  }
}

/** The rows of the table in SECURITY.md: what is tried, and what comes of it by kinds. */
function readTable (): Map<string, ReadonlyMap<string, string>> {
  const lines = readFileSync(join(__dirname, '../../SECURITY.md'), 'utf8').split('\n')
  const start = lines.findIndex(line => line.startsWith('| a raw client of cote'))
  const cells = (line: string): string[] => line.split('|').slice(1, -1).map(cell => cell.trim())
  const table = lines.slice(start, lines.indexOf('', start)).map(cells)
  const [[, ...kinds] = [], , ...rows] = table
  return new Map(rows.map(([what = '', ...said]) => [what, new Map(kinds.map((kind, n) => [kind, said[n] ?? '']))]))
}

const discovery = new DiscoveryPort()
const table = readTable()

beforeAll(async () => await discovery.open())
afterAll(async () => await discovery.close())

describe('the raw client table in SECURITY.md', () => {
  it('has a row for each attempt and a column for each kind of node', () => {
    expect([...table.keys()]).toEqual(Object.keys(ATTEMPTS))
    for (const row of table.values()) expect([...row.keys()]).toEqual(Object.keys(KINDS))
  })
})

describe.each(Object.entries(KINDS))('a raw client at a node of %s', (name, kind) => {
  const victim = new Victim(kind, discovery)

  beforeEach(async () => await victim.live())
  afterAll(async () => await victim.end())

  it.each(Object.entries(ATTEMPTS))('gets the outcome in SECURITY.md when it %s', async (what, attempt) => {
    const answer = await victim.ask(attempt.request, attempt.before)
    expect({ outcome: outcome(answer, attempt) }).toEqual({ outcome: table.get(what)?.get(name) })
  })
})
