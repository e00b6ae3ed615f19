import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { feathers } from '@feathersjs/feathers'
import { DistributedModule } from 'feathers-mesh'
import { changesOf, type ChangeCode } from '../../lib/cli/contracts/changes'
import { run } from '../../lib/cli/run'
import type { Contract } from '../../lib/contract/contract'
import { TodoService } from '../todo-service'

const PLACE = { environment: `contracts-${process.pid}`, discovery: 'broadcast://127.255.255.255' }
const ARGS = Object.entries(PLACE).flatMap(([name, value]) => [`--${name}`, value])

const directory = mkdtempSync(join(tmpdir(), 'contracts-'))
const file = join(directory, 'contracts.json')
const services = join(directory, 'services.js')

let node: DistributedModule

beforeAll(async () => {
  const app = feathers()
  app.use('notes', { async find () { return [] }, async get () { return {} } }, { methods: ['find', 'get'] })
  node = DistributedModule.forRoot({ app, services: [TodoService, 'notes'], ...PLACE })
  await node.start()
  writeFileSync(services, 'exports.TodoService = globalThis.TodoServiceOfTest; exports.other = 7\n')
  Reflect.set(globalThis, 'TodoServiceOfTest', TodoService)
})

afterAll(async () => {
  await node.stop()
  Reflect.deleteProperty(globalThis, 'TodoServiceOfTest')
  rmSync(directory, { recursive: true })
})

async function contracts (...args: string[]): Promise<{ code: number, out: string, err: string }> {
  let [out, err] = ['', '']
  const code = await run({
    args: ['contracts', ...ARGS, ...args],
    variables: {},
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- jest imports no modules at run time
    load: async file => require(file),
    signal: new AbortController().signal,
    out: text => { out += text },
    err: text => { err += text }
  })
  return { code, out, err }
}

const METHOD = { name: 'get', idempotent: true }
const BEFORE: Contract = {
  path: 'todos',
  methods: [{ ...METHOD, shapes: { data: 'a', id: 'b', query: 'c', result: 'D' } }, { name: 'find', idempotent: true }],
  events: ['done']
}

describe('feathers-mesh contracts', () => {
  it('tells that no node was heard, and not that all services were removed', async () => {
    writeFileSync(file, JSON.stringify({ contracts: [BEFORE] }))
    const { code, out, err } = await contracts('diff', file, '--environment', 'nobody')
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain('no node was heard within a second')
  })

  it('exports those of a running mesh, and finds no difference to itself', async () => {
    const { code, out } = await contracts('export')
    const { contracts: exported } = JSON.parse(out) as { contracts: Contract[] }
    expect([code, exported.map(({ path }) => path)]).toEqual([0, ['notes', 'todos']])
    writeFileSync(file, out)
    expect(await contracts('diff', file)).toMatchObject({ code: 0, out: '0 changes, 0 of them breaking\n' })
  })

  it('exports those of a module, which are the same as on the mesh', async () => {
    writeFileSync(file, (await contracts('export', '--module', services)).out)
    const { code, out } = await contracts('diff', file)
    expect(code).toBe(0)
    expect(out).toMatch(/^compatible {2}SERVICE_ADDED {2}notes: the service\n1 change,/)
  })

  it('ends with 1 where a change breaks callers', async () => {
    writeFileSync(file, (await contracts('export')).out)
    const { code, out } = await contracts('diff', file, '--module', services, '--json')
    expect([code, JSON.parse(out)]).toEqual([1, {
      breaking: 1, changes: [{ code: 'SERVICE_REMOVED', category: 'breaking', path: 'notes', text: 'the service' }]
    }])
  })

  it.each([
    [[], 'takes 1 to 2 words'], [['bogus'], 'say contracts export'], [['diff'], 'say contracts export'],
    [['diff', '/nowhere'], "/nowhere can't be read"], [['diff', __filename], "can't be read"],
    [['export', '--module', '/nowhere.js'], "/nowhere.js can't be loaded"],
    [['export', '--module', require.resolve('../until')], 'exports no class with @Distributed']
  ])('tells what is wrong with %j', async (args, expected) => {
    expect(await contracts(...args)).toEqual({ code: 2, out: '', err: expect.stringContaining(expected) })
  })
})

describe('the changes between contracts', () => {
  it.each<[ChangeCode, Partial<Contract>]>([
    ['METHOD_REMOVED', { methods: BEFORE.methods.slice(0, 1) }],
    ['METHOD_ADDED', { methods: [...BEFORE.methods, { name: 'burn', idempotent: false }] }],
    ['EVENT_REMOVED', { events: [] }],
    ['EVENT_ADDED', { events: ['done', 'undone'] }],
    ['VERSION_CHANGED', { version: '2' }],
    ['DATA_CHANGED', { methods: [{ ...METHOD, shapes: { data: 'x', id: 'b', query: 'c', result: 'D' } }] }],
    ['ID_CHANGED', { methods: [{ ...METHOD, shapes: { data: 'a', id: 'x', query: 'c', result: 'D' } }] }],
    ['QUERY_CHANGED', { methods: [{ ...METHOD, shapes: { data: 'a', id: 'b', query: 'x', result: 'D' } }] }],
    ['RESULT_CHANGED', { methods: [{ ...METHOD, shapes: { data: 'a', id: 'b', query: 'c', result: 'X' } }] }],
    ['SHAPE_REMOVED', { methods: [METHOD] }],
    ['IDEMPOTENT_REMOVED', { methods: [{ ...METHOD, idempotent: false }] }],
    ['TIMEOUT_CHANGED', { methods: [{ ...METHOD, timeout: 5 }] }]
  ])('have a %s', (code, after) => {
    const found = changesOf([BEFORE], [{ ...BEFORE, ...after }])
    expect(found.map(change => change.code)).toContain(code)
  })

  it('have additions where the old contract said less', () => {
    const before = { ...BEFORE, methods: [{ name: 'get', idempotent: false }] }
    const codes = changesOf([before], [BEFORE]).map(({ code }) => code)
    expect(codes).toEqual(['METHOD_ADDED', ...Array(4).fill('SHAPE_ADDED'), 'IDEMPOTENT_ADDED'])
  })

  it('have whole services, those first that are gone', () => {
    const changes = changesOf([BEFORE], [{ ...BEFORE, path: 'notes' }])
    expect(changes.map(({ code, path }) => [code, path])).toEqual([
      ['SERVICE_REMOVED', 'todos'], ['SERVICE_ADDED', 'notes']
    ])
  })
})
