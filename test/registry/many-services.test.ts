import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Contract } from 'feathers-mesh'
import { bytesOfAll } from '../../lib/contract/contract-size'
import { LastSeenServices } from '../../lib/registry/last-seen'
import { Registry } from '../../lib/registry/registry'
import { RemoteServiceEntry } from '../../lib/registry/remote-service-entry'
import { Room } from '../../lib/registry/room'
import { until } from '../until'

const contract = (path: string, methods = ['find'], events = ['created']): Contract =>
  ({ path, methods: methods.map(name => ({ name, idempotent: name === 'find' })), events })

const contracts = (count: number): Contract[] => Array.from({ length: count }, (_, n) => contract(`s${n}`))

describe('a node with many services', () => {
  it('is joined in turns of the event loop, and leaves in turns', async () => {
    const registry = new Registry()
    registry.join({ id: 'a', key: 'k', contracts: contracts(10_000) })
    expect(registry.services.length).toBeLessThan(100)
    let turns = 0
    while (registry.services.length < 10_000) {
      await nextTurn()
      turns++
    }
    expect(turns).toBeGreaterThan(100)
    let removed = false
    registry.on('node-removed', () => { removed = true })
    registry.leave('a')
    expect([registry.hasNode('a'), removed]).toEqual([false, false])
    await until(() => removed)
    expect(registry.services).toEqual([])
  })

  it('ends with what it offered last, whatever was under way', async () => {
    const registry = new Registry()
    registry.join({ id: 'a', key: 'one', contracts: contracts(2_000) })
    registry.join({ id: 'a', key: 'two', contracts: contracts(1_500) })
    registry.leave('a')
    registry.join({ id: 'a', key: 'three', contracts: contracts(3) })
    await until(() => registry.services.length === 3)
    await nextTurn()
    expect(registry.services.map(({ key, path }) => `${key} ${path}`).sort()).toEqual(['three s0', 'three s1', 'three s2'])
    registry.leave('a')
    expect(registry.services).toEqual([])
  })

  it('leaves the paths on which it was placed, although the function that places gives others by now', () => {
    let prefix = 'one'
    const registry = new Registry({ placement: ({ path }) => `${prefix}/${path}` })
    registry.join({ id: 'a', key: 'k', contracts: contracts(2) })
    prefix = 'two'
    registry.leave('a')
    expect(registry.services).toEqual([])
  })

  it('may leave as soon as a listener hears of its first service', () => {
    const registry = new Registry()
    registry.on('service', () => registry.leave('a'))
    registry.join({ id: 'a', key: 'k', contracts: contracts(5) })
    expect([registry.services, registry.nodes]).toEqual([[], []])
  })

  it('is joined whole although a listener throws', () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const registry = new Registry()
    const heard: string[] = []
    registry.on('service', () => { throw new Error('no') })
    registry.on('service', ({ path }) => heard.push(path))
    registry.join({ id: 'a', key: 'k', contracts: contracts(3) })
    registry.leave('a')
    registry.join({ id: 'a', key: 'k', contracts: contracts(3) })
    expect(heard).toEqual(['s0', 's1', 's2', 's0', 's1', 's2'])
    expect(warn).toHaveBeenCalledTimes(3)
    warn.mockRestore()
  })
})

describe('the replicas of a service', () => {
  it('cost the registry no more than what each of them sends', () => {
    // Each replica asks for eligibility once: nothing goes through those that are there.
    const eligibility = jest.fn(() => undefined)
    const registry = new Registry({ eligibility })
    for (let n = 0; n < 300; n++) registry.join({ id: `node-${n}`, key: 'k', contracts: [contract('todos')] })
    expect(eligibility).toHaveBeenCalledTimes(300)
    expect(registry.service('todos')?.method('find')?.hosts).toHaveLength(300)
  })

  it('take their names from the room, and give all of them back, also those that a replica gives twice', () => {
    const registry = new Registry()
    const twice = contract('todos', ['find', 'find'], ['created', 'created'])
    const room = Reflect.get(registry, 'room') as { names: number }
    const taken: number[] = []
    for (let round = 0; round < 2; round++) {
      for (const id of ['a', 'b', 'a']) {
        registry.join({ id, key: 'k', contracts: [{ ...twice }] })
        taken.push(room.names)
      }
      expect(registry.service('todos')).toMatchObject({ methods: ['find'], events: ['created'] })
      for (const id of ['a', 'b']) registry.leave(id)
      taken.push(room.names)
    }
    expect(taken).toEqual([3, 3, 3, 0, 3, 3, 3, 0])
  })

  it('are counted by their names from the second one on, and not when the only one offers something else', () => {
    const registry = new Registry()
    const join = (id: string, methods: string[]): void =>
      registry.join({ id, key: 'k', contracts: [contract('todos', methods)] })
    join('a', ['find'])
    join('a', ['find', 'get'])
    const entry = registry.service('todos')
    expect([entry?.methods, entry?.size]).toEqual([['find', 'get'], 3])
    expect(Reflect.get(Object(entry), 'together')).toBeUndefined()
    join('b', ['get', 'create'])
    expect([entry?.methods, entry?.size]).toEqual([['find', 'get', 'create'], 4])
    registry.leave('a')
    expect([entry?.methods, entry?.size]).toEqual([['get', 'create'], 3])
  })

  it('show no more than 2,000 methods and events together', () => {
    const names = (of: string): string[] => Array.from({ length: 1_000 }, (_, n) => `${of}${n}`)
    const node = (id: string) => ({ id, key: 'k', contracts: [] })
    const entry = new RemoteServiceEntry('todos', node('a'), contract('todos', names('a'), names('a')))
    entry.add(node('b'), contract('todos', names('b'), names('b')))
    entry.add(node('c'), contract('todos', names('c'), names('c')))
    expect([entry.methods.length, entry.events.length]).toEqual([2_000, 2_000])
    expect(entry.method('c5')?.hosts).toHaveLength(1)
    entry.remove('a')
    expect(entry.methods).toContain('c5')
  })
})

describe('the room for other nodes', () => {
  it('bounds the bytes of all contracts together, and counts those that it leaves out', () => {
    const told: string[] = []
    const room = new Room(fault => told.push(fault), 11_000)
    const some = contracts(10)
    const taken: string[] = []
    for (let n = 0; n < 10; n++) {
      const admitted = room.admit(`node-${n}`, some)
      if (admitted.length > 0) taken.push(`node-${n}`)
      room.take(`node-${n}`, admitted)
    }
    expect([taken, told.length]).toEqual([['node-0', 'node-1'], 8])
    room.free('node-0')
    expect(room.admit('node-5', some)).toBe(some)
    // What a node offers in place of its own earlier contracts is not counted twice.
    expect(room.admit('node-1', some)).toBe(some)
  })

  it('is 256 MB for all contracts together', () => {
    const onFault = jest.fn()
    const room = new Room(onFault)
    const some = contracts(1_000)
    const bytes = bytesOfAll(some)
    const most = Math.floor(2 ** 28 / bytes)
    for (let n = 0; n < most; n++) room.take(`node-${n}`, room.admit(`node-${n}`, some))
    expect(onFault).not.toHaveBeenCalled()
    expect(room.admit('one more', some)).toEqual([])
    expect(onFault.mock.calls).toEqual([['overlongContracts', expect.stringContaining('leave no room')]])
  })

  it('bounds the services, methods and events that are known', async () => {
    const onFault = jest.fn()
    const registry = new Registry({ onFault })
    const names = Array.from({ length: 1_000 }, (_, n) => `m${n}`)
    const many = Array.from({ length: 200 }, (_, n) => contract(`s${n}`, names))
    registry.join({ id: 'a', key: 'k', contracts: many })
    await until(() => onFault.mock.calls.length >= 51)
    expect(registry.services.length).toBe(149)
    expect(onFault).toHaveBeenCalledWith('overlongContracts', expect.stringContaining("the service 's149'"))
    registry.leave('a')
    await until(() => registry.services.length === 0)
    registry.join({ id: 'b', key: 'k', contracts: contracts(2) })
    expect(registry.services).toHaveLength(2)
  })
})

describe('what is remembered of who left', () => {
  it('is bounded in characters', () => {
    const seen = new LastSeenServices(100, 10_000)
    const path = (n: number): string => `${n}`.padEnd(1_000, 'x')
    for (let n = 0; n < 100; n++) {
      seen.left(path(n), { id: 'node', key: 'k', contracts: [] })
      seen.sawKey(path(n))
    }
    const kept = Array.from({ length: 100 }, (_, n) => n).filter(n => seen.get(path(n)) !== undefined)
    expect(kept).toEqual([91, 92, 93, 94, 95, 96, 97, 98, 99])
    expect(seen.pathsOf(path(50))).toBeUndefined()
    expect(seen.pathsOf(path(99))).toEqual([])
  })
})
