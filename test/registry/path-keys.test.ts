import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Contract } from 'feathers-mesh'
import { Registry } from '../../lib/registry/registry'
import { until } from '../until'

const contract = (path: string, remoteOptions?: Record<string, unknown>): Contract => ({
  path,
  methods: [{ name: 'find', idempotent: true }],
  events: [],
  ...remoteOptions === undefined ? {} : { remoteOptions }
})

const told: string[] = []

beforeEach(() => {
  told.length = 0
  jest.spyOn(process, 'emitWarning').mockImplementation(message => { told.push(String(message)) })
})

afterEach(() => jest.restoreAllMocks())

function join (registry: Registry, id: string, key: string, ...contracts: Contract[]): void {
  registry.join({ id, key, contracts: contracts.length === 0 ? [contract('todos')] : contracts })
}

describe('a path that this node binds to a key', () => {
  const keys = new Map([['todos', 'app']])

  it('is served by nodes of that key only, whichever key joins first', () => {
    const registry = new Registry({ keys })
    join(registry, 'evil-1', 'evil')
    expect(registry.service('todos')).toBeUndefined()
    join(registry, 'app-1', 'app')
    expect(registry.service('todos')?.key).toBe('app')
    registry.leave('app-1')
    expect(registry.service('todos')).toBeUndefined()
    join(registry, 'app-2', 'app')
    expect(registry.service('todos')?.hosts.map(({ node }) => node.id)).toEqual(['app-2'])
    expect(told).toEqual([
      "nodes of key 'evil' offer 'todos', and get no calls of this node: option 'remotes' names the key 'app'"
    ])
  })

  it('is free for nobody else when such a node changes its key', () => {
    const registry = new Registry({ keys })
    join(registry, 'one', 'app')
    join(registry, 'one', 'evil')
    expect(registry.service('todos')).toBeUndefined()
  })
})

describe('a path that this node binds to no key', () => {
  it('stays with the key that came first, and a warning tells of others and of each change, once', () => {
    const registry = new Registry()
    for (let round = 0; round < 3; round++) {
      join(registry, 'app-1', 'app')
      join(registry, 'evil-1', 'evil')
      expect(registry.service('todos')?.key).toBe('app')
      registry.leave('app-1')
      expect(registry.service('todos')?.key).toBe('evil')
      registry.leave('evil-1')
    }
    expect(told).toEqual([
      expect.stringContaining("nodes of key 'evil' offer 'todos', and get no calls of this node"),
      expect.stringContaining("nodes of key 'evil' serve 'todos' now, which nodes of key 'app' served before; " +
        "remotes: [{ path: 'todos', key: 'app' }] keeps it with that key")
    ])
  })

  it('shares 100 one-line warnings with others, and a path that this node names has its own', async () => {
    const registry = new Registry({ named: ['todos'] })
    const paths = Array.from({ length: 150 }, (_, n) => `p${n}\n${'x'.repeat(900)}`)
    join(registry, 'one', 'one\nkey', ...paths.map(path => contract(path)))
    join(registry, 'two', 'two', ...paths.map(path => contract(path)))
    await until(() => registry.service(paths[149] ?? '')?.hostCount === 1 && told.length >= 100)
    for (let turn = 0; turn < 20; turn++) await nextTurn()
    expect(told).toHaveLength(100)
    expect(told.filter(line => line.includes('\n') || line.length > 600)).toEqual([])
    expect(told.at(-1)).toContain('further ones are not reported')
    join(registry, 'three', 'app', contract('todos'))
    join(registry, 'four', 'evil', contract('todos'))
    expect(told).toHaveLength(101)
  })
})

describe('replicas with other remoteOptions', () => {
  it('cause one warning, and callers see the options of the first replica', () => {
    const registry = new Registry()
    join(registry, 'one', 'k', contract('todos', { a: 1 }))
    join(registry, 'two', 'k', contract('todos', { a: 1 }))
    expect(told).toEqual([])
    join(registry, 'three', 'k', contract('todos', { a: 2 }))
    join(registry, 'four', 'k', contract('todos'))
    expect(registry.service('todos')?.remoteOptions).toEqual({ a: 1 })
    expect(told).toEqual([expect.stringContaining("the remoteOptions of 'todos' on node three are not those of")])
  })

  it('leave these and the id to the first, and those of the next one count once that has left', () => {
    const registry = new Registry()
    const seen = (): unknown[] => [registry.service('todos')?.remoteOptions, registry.service('todos')?.id]
    join(registry, 'one', 'k', { ...contract('todos', { a: 1 }), id: '_id' })
    const changes: unknown[] = []
    registry.on('service-changed', () => changes.push(seen()))
    for (const a of [2, 3]) join(registry, 'two', 'k', { ...contract('todos', { a }), id: 'evil' })
    expect(seen()).toEqual([{ a: 1 }, '_id'])
    registry.leave('one')
    expect(seen()).toEqual([{ a: 3 }, 'evil'])
    expect(changes.at(-1)).toEqual(seen())
  })

  it('are not asked for them while they get no calls', () => {
    const registry = new Registry({ eligibility: (_path, { id }) => id === 'one' ? 'another contract' : undefined })
    join(registry, 'one', 'k', { ...contract('todos', { a: 1 }), id: 'one' })
    expect(registry.service('todos')?.remoteOptions).toEqual({ a: 1 })
    join(registry, 'two', 'k', { ...contract('todos', { a: 2 }), id: 'two' })
    expect(registry.service('todos')).toMatchObject({ remoteOptions: { a: 2 }, id: 'two' })
  })
})
