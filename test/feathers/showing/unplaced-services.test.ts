import { inspect } from 'node:util'
import { feathers, type Application, type FeathersService } from '@feathersjs/feathers'
import express, { rest } from '@feathersjs/express'
import type { DistributedModule } from 'feathers-mesh'
import type { RemoteServiceEntry } from '../../../lib/registry/remote-service-entry'
import { UnplacedServices } from '../../../lib/feathers/showing/unplaced-services'
import { BareNode, type BareNodeOptions } from '../../bare-node'
import { memoryMesh } from '../../memory-mesh'
import { until } from '../../until'

const mesh = memoryMesh()
const nodes: BareNode[] = []

afterEach(async () => {
  jest.useRealTimers()
  jest.restoreAllMocks()
  await Promise.all(nodes.splice(0).map(async ({ transport }) => await transport.stop(1)))
})

async function offer (...paths: string[]): Promise<BareNode> {
  const methods = ['find', 'get'].map(name => ({ name, idempotent: true }))
  const contracts = paths.map(path => ({ path, methods, events: ['created'] }))
  const serve: BareNodeOptions['serve'] = (_request, reply) => reply(null, 'answer')
  const node = new BareNode(mesh.transport(), { id: `node of ${paths.join()}`, contracts, serve })
  nodes.push(node)
  return await node.start()
}

/** A node that knows services, and its app, whose table nobody has read since before the node was made. */
async function knowing (
  paths: readonly string[], app: Application = feathers()
): Promise<{ readonly app: Application, readonly node: DistributedModule, readonly table: object }> {
  const table = app.services as object
  const node = await mesh.start({ app })
  await offer(...paths)
  await until(() => node.services().length === paths.length)
  return { app, node, table }
}

describe('a service of another node that nobody has looked for', () => {
  it('is on the app as soon as its services are read', async () => {
    const { app, table } = await knowing(['todos', 'users'])
    expect(Object.keys(table)).not.toContain('todos')
    expect(Object.keys(app.services as object)).toEqual(expect.arrayContaining(['todos', 'users']))
    expect(Object.keys(table)).toEqual(Object.keys(app.services as object))
    expect(app.services).toBe(app.services)
    expect(await app.service('todos').find()).toBe('answer')
  })

  it('is there for app.service and for a REST client alike', async () => {
    const app = express(feathers()).configure(rest())
    const { table } = await knowing(['todos', 'users'], app)
    expect(Object.keys(table)).not.toContain('todos')
    expect(app.lookup('todos/1')?.service).toBe(app.service('todos'))
    expect(app.lookup('nothing')).toBeNull()
  })

  it('is found in a table that a program had before the node when no more have come for a while', async () => {
    const { table } = await knowing(['todos', 'users'])
    await until('the services', () => Object.hasOwn(table, 'todos') && Object.hasOwn(table, 'users'))
  })

  it('is found by the Feathers app within one of Express', async () => {
    const inner = feathers()
    await knowing(['todos'], express(inner))
    await until('the service', () => Object.hasOwn(inner.services as object, 'todos'))
    expect(await inner.service('todos').find()).toBe('answer')
  })

  it('is found in a table that a program got hold of earlier', async () => {
    const app = feathers()
    const node = await mesh.start({ app })
    const { services } = app as { readonly services: Record<string, FeathersService> }
    await offer('todos', 'users')
    await until(() => node.services().length === 2)
    expect(await services['todos']?.find()).toBe('answer')
    expect(Object.keys(services)).toContain('users')
  })

  it('is never there where its node leaves before that', async () => {
    const { app, node } = await knowing(['todos'])
    await Promise.all(nodes.splice(0).map(async ({ transport }) => await transport.stop(1)))
    await until(() => node.services().length === 0)
    expect(Object.keys(app.services as object)).not.toContain('todos')
    expect(() => app.service('todos')).toThrow('todos')
  })

  it('offers what its hosts offer when it gets there', async () => {
    const { app, node } = await knowing(['todos'])
    const [host] = nodes
    const methods = ['find', 'get', 'archive'].map(name => ({ name, idempotent: true }))
    host.offered = [{ path: 'todos', methods, events: ['created'] }]
    void host.transport.announce()
    await until(() => node.services()[0].methods.includes('archive'))
    expect(Reflect.get(app.service('todos'), 'archive')).toBeInstanceOf(Function)
  })

  it('is not announced to a listener that comes later, which hears of the next ones', async () => {
    const { app, node, table } = await knowing(['todos'])
    const announced: string[] = []
    app.on('service', ({ path }: { readonly path: string }) => announced.push(path))
    expect(Object.keys(table)).toContain('todos')
    await offer('users')
    await until(() => node.services().length === 2)
    expect(announced).toEqual(['users'])
  })

  it('gives way to a service of the app, and is back when the app gives that up', async () => {
    const { app } = await knowing(['todos'])
    app.use('todos', { find: async () => 'own' } as object)
    expect(await app.service('todos').find()).toBe('own')
    await app.unuse('todos')
    expect(await app.service('todos').find()).toBe('answer')
  })

  it('is seen at once by a mixin that comes later', async () => {
    const { app } = await knowing(['todos'])
    const seen: string[] = []
    app.mixins.push((_service, path) => { seen.push(path) })
    app.configure(() => {})
    expect(seen).toEqual(['todos'])
  })
})

describe('services that wait to be put on an app', () => {
  const entry = (path: string): RemoteServiceEntry => ({ path }) as RemoteServiceEntry // all that is read of it

  interface Waiting {
    readonly app: Application
    /** What the program has had since before the node was made. */
    readonly own: Record<string, unknown>
    readonly placed: string[]
    readonly unplaced: UnplacedServices
  }

  function waiting (isNewApp = true): Waiting {
    const app = feathers()
    const own = app.services as Record<string, unknown>
    const placed: string[] = []
    const unplaced = new UnplacedServices(app, ({ path }) => {
      placed.push(path, String(Object.keys(app.services as object)))
      own[path] = { of: path }
    }, isNewApp)
    return { app, own, placed, unplaced }
  }

  it('get there in the order in which they came, also while placing one reads the table', () => {
    const { app, placed, unplaced } = waiting()
    for (const path of ['b', 'a', 'c']) expect(unplaced.add(entry(path))).toBe(true)
    expect([unplaced.has('a'), unplaced.delete('a'), unplaced.delete('a'), unplaced.has('a')])
      .toEqual([true, true, false, false])
    expect([{ ...app.services as object }, placed]).toEqual([{ b: { of: 'b' }, c: { of: 'c' } }, ['b', '', 'c', 'b']])
  })

  it.each<[string, (table: Record<string, unknown>) => unknown, unknown]>([
    ['reads a service', table => table['a'], { of: 'a' }],
    ['asks for a path', table => 'a' in table, true],
    ['asks for a path of its own', table => Object.hasOwn(table, 'a'), true],
    ['lists the paths', table => Object.keys(table), ['a']],
    ['lists the services', table => Object.values(table), [{ of: 'a' }]],
    ['goes through all', table => { const all = []; for (const path in table) all.push(path); return all }, ['a']],
    ['copies it', table => ({ ...table }), { a: { of: 'a' } }],
    ['writes it as JSON', table => JSON.stringify(table), '{"a":{"of":"a"}}'],
    ['sets the path', table => { table['a'] = 'mine'; return table['a'] }, 'mine'],
    ['gives the path up', table => delete table['a'] && table['a'], undefined]
  ])('get there when somebody who has had the table for long %s', (_what, look, expected) => {
    const { app, unplaced } = waiting()
    const table = app.services as Record<string, unknown>
    unplaced.add(entry('a'))
    expect(look(table)).toEqual(expected)
    expect(unplaced.has('a')).toBe(false)
  })

  it('are all in what is printed of the services of an app', () => {
    const { app, unplaced } = waiting()
    unplaced.add(entry('a'))
    expect(inspect(app.services)).toBe("{ a: { of: 'a' } }")
  })

  it('stay where they are where somebody looks for another service', () => {
    const { app, own, unplaced } = waiting()
    const table = app.services as Record<string, unknown>
    unplaced.add(entry('a'))
    app.use('mine', { find: async () => 'own' } as object)
    expect(app.service('mine')).toBe(own['mine'])
    expect(['mine' in table, 'none' in table, Object.hasOwn(table, 'none')]).toEqual([true, false, false])
    table['other'] = 'mine'
    delete table['other']
    expect([Object.keys(own), unplaced.has('a')]).toEqual([['mine'], true])
  })

  it('stay where they are while nobody looks at a new app', () => {
    jest.useFakeTimers()
    const { own, placed, unplaced } = waiting()
    for (let n = 0; n < 5_000; n++) unplaced.add(entry(`path ${n}`))
    jest.advanceTimersByTime(3_600_000)
    expect([own, placed, jest.getTimerCount()]).toEqual([{}, [], 0])
  })

  it('are as many as a bound allows: for one more, the one gets there that has waited longest', () => {
    const { own, unplaced } = waiting()
    for (let n = 0; n < 5_002; n++) expect(unplaced.add(entry(`path ${n}`))).toBe(true)
    expect(Object.keys(own)).toEqual(['path 0', 'path 1'])
    expect(unplaced.has('path 2')).toBe(true)
  })

  it('get there on an app that was there before when no more have come for a second', () => {
    jest.useFakeTimers()
    const { placed, unplaced } = waiting(false)
    unplaced.add(entry('early'))
    jest.advanceTimersByTime(900)
    unplaced.add(entry('late'))
    jest.advanceTimersByTime(900)
    expect(placed).toHaveLength(0)
    jest.advanceTimersByTime(101)
    expect(placed).toHaveLength(4)
    expect(jest.getTimerCount()).toBe(0)
  })

  it('get there some at a time', () => {
    jest.useFakeTimers()
    jest.spyOn(Math, 'random').mockReturnValue(0)
    const { placed, unplaced } = waiting(false)
    for (let n = 0; n < 151; n++) unplaced.add(entry(`path ${n}`))
    jest.advanceTimersByTime(1_509)
    expect(placed).toHaveLength(0)
    jest.advanceTimersByTime(1)
    expect(placed.length).toBeGreaterThanOrEqual(200)
    jest.advanceTimersByTime(10)
    expect(placed).toHaveLength(302)
    expect(jest.getTimerCount()).toBe(0)
  })

  it('wait the longer the more there are, as a mesh that starts makes pauses', () => {
    jest.useFakeTimers()
    const { placed, unplaced } = waiting(false)
    for (let n = 0; n < 2_000; n++) unplaced.add(entry(`path ${n}`))
    jest.advanceTimersByTime(19_900)
    expect(placed).toEqual([])
    jest.advanceTimersByTime(20_101)
    expect(placed.length).toBeGreaterThanOrEqual(200)
    jest.advanceTimersByTime(100)
    expect(placed).toHaveLength(4_000)
  })

  it('get there at a time of each node, as the work of all would keep newcomers waiting', () => {
    jest.useFakeTimers()
    const apps = Array.from({ length: 20 }, () => waiting(false))
    for (const { unplaced } of apps) for (let n = 0; n < 500; n++) unplaced.add(entry(`path ${n}`))
    const most = [...Array(52).keys()].map(() => {
      const before = apps.filter(({ placed }) => placed.length > 0).length
      jest.advanceTimersByTime(200)
      return apps.filter(({ placed }) => placed.length > 0).length - before
    })
    expect(Math.max(...most)).toBeLessThan(15)
    expect(apps.map(({ placed }) => placed.length)).toEqual(apps.map(() => 1_000))
  })

  it('get there although ever more come', () => {
    jest.useFakeTimers()
    const { placed, unplaced } = waiting(false)
    const addFor = (ms: number): void => {
      for (let at = 0; at < ms; at += 500) {
        unplaced.add(entry(`path ${performance.now()}`))
        jest.advanceTimersByTime(500)
      }
    }
    const first = `path ${performance.now()}`
    addFor(119_000)
    expect(placed).toEqual([])
    addFor(2_000)
    expect(placed).toContain(first)
  })

  it('are in the table that a program replaces, and not in the new one', () => {
    const { app, own, unplaced } = waiting()
    unplaced.add(entry('a'))
    Object.assign(app, { services: {} })
    expect([Object.keys(own), app.services]).toEqual([['a'], {}])
  })

  it.each([
    ['freeze', (table: object) => Object.freeze(table)],
    ['seal', (table: object) => Object.seal(table)],
    ['preventExtensions', (table: object) => Object.preventExtensions(table)]
  ])('are in a table that a program closes by %s', (_how, close) => {
    const { app, unplaced } = waiting()
    unplaced.add(entry('a'))
    close(app.services as object)
    expect(Reflect.ownKeys(app.services as object)).toEqual(['a'])
    expect(inspect(app.services)).toBe("{ a: { of: 'a' } }")
  })

  it('leave a program a table that is closed', () => {
    const { app } = waiting()
    const own = Object.freeze({ mine: {} })
    Object.assign(app, { services: own })
    expect([app.services, Reflect.ownKeys(app.services as object)]).toEqual([own, ['mine']])
  })

  it('leave a program its own table', () => {
    const { app, unplaced } = waiting()
    const own = { mine: {} }
    Object.assign(app, { services: own })
    unplaced.add(entry('a'))
    expect(app.services).toEqual(own)
    expect(Reflect.ownKeys(app.services as object)).toEqual(['mine'])
    Object.assign(app.services as object, { other: {} })
    expect(Object.keys(own)).toEqual(['mine', 'other'])
  })
})
