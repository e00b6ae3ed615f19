import { LastSeenServices } from '../../lib/registry/last-seen'
import { Registry } from '../../lib/registry/registry'

const node = (id: string, key = 'k'): Parameters<Registry['join']>[0] => ({ id, key, contracts: [] })

describe('the list of services seen last', () => {
  it('holds the node that last hosted each service', () => {
    const seen = new LastSeenServices()
    seen.left('todos', node('a'))
    seen.left('todos', node('b'))
    expect(seen.get('todos')).toMatchObject({ node: 'b', key: 'k' })
    expect(seen.get('users')).toBeUndefined()
  })

  it('drops the service that was not seen for the longest time when it is full', () => {
    const seen = new LastSeenServices(2)
    for (const path of ['a', 'b', 'a', 'c']) seen.left(path, node('one'))
    expect(['a', 'b', 'c'].filter(path => seen.get(path) !== undefined)).toEqual(['a', 'c'])
  })

  it('holds ten thousand services, and as many keys', () => {
    const [seen, keys] = [new LastSeenServices(), new LastSeenServices()]
    for (let n = 0; n <= 10_000; n++) {
      seen.left(`path ${n}`, node('one'))
      keys.sawKey(`key ${n}`)
    }
    expect([0, 1, 10_000].map(n => seen.get(`path ${n}`)?.node)).toEqual([undefined, 'one', 'one'])
    expect([0, 1, 10_000].map(n => keys.pathsOf(`key ${n}`))).toEqual([undefined, [], []])
  })

  it('finds services by the key of their nodes while it holds the key', () => {
    const seen = new LastSeenServices(2)
    for (const key of ['x', 'y', 'x', 'z']) seen.sawKey(key)
    seen.left('todos', node('a', 'x'))
    expect([seen.pathsOf('x'), seen.pathsOf('y'), seen.pathsOf('z')]).toEqual([['todos'], undefined, []])
  })
})

describe('the registry', () => {
  it('remembers at most 10,000 departed services', () => {
    const registry = new Registry()
    for (let n = 0; n < 12_000; n++) {
      const contract = { path: `service-${n}`, methods: [{ name: 'find', idempotent: true }], events: [] }
      registry.join({ id: 'a', key: `key-${n}`, contracts: [contract] })
      registry.leave('a')
    }
    const remembered = Array.from({ length: 12_000 }, (_, n) => n).filter(n => registry.lastSeen(`service-${n}`))
    expect([remembered.length, remembered[0]]).toEqual([10_000, 2_000])
    expect(registry.pathsOf('key-0')).toBeUndefined()
    expect(registry.pathsOf('key-11999')).toEqual(['service-11999'])
  })

  const contracts = [{ path: 'todos', methods: [{ name: 'find', idempotent: true }], events: [] }]

  it('tells for each path who hosts it now, or who was the last to do so', () => {
    const registry = new Registry()
    registry.join({ id: 'a', key: 'old', contracts })
    registry.join({ id: 'b', key: 'new', contracts })
    expect(registry.lastSeen('todos')).toMatchObject({ node: 'a', key: 'old' })
    expect([registry.pathsOf('old'), registry.pathsOf('new')]).toEqual([['todos'], ['todos']])
    registry.leave('a')
    expect(registry.lastSeen('todos')).toMatchObject({ node: 'b', key: 'new' })
    expect([registry.pathsOf('old'), registry.pathsOf('new')]).toEqual([[], ['todos']])
    registry.leave('b')
    expect(registry.lastSeen('todos')).toMatchObject({ node: 'b', key: 'new' })
    expect([registry.pathsOf('old'), registry.pathsOf('new')]).toEqual([[], ['todos']])
    registry.join({ id: 'a', key: 'newer', contracts })
    expect(registry.lastSeen('todos')).toMatchObject({ node: 'a', key: 'newer' })
    expect([registry.pathsOf('new'), registry.pathsOf('newer')]).toEqual([[], ['todos']])
  })

  it('tells who was the last to host a path for this node, although nodes of another key offer it', () => {
    const registry = new Registry({ keys: new Map([['todos', 'mine']]) })
    registry.join({ id: 'b', key: 'other', contracts })
    expect(registry.lastSeen('todos')).toMatchObject({ node: 'b', key: 'other' })
    registry.join({ id: 'a', key: 'mine', contracts })
    registry.leave('a')
    expect(registry.lastSeen('todos')).toMatchObject({ node: 'a', key: 'mine' })
    registry.leave('b')
    expect(registry.lastSeen('todos')).toMatchObject({ node: 'a', key: 'mine' })
    expect([registry.pathsOf('mine'), registry.pathsOf('other')]).toEqual([['todos'], []])
  })

  it('knows the paths of a key whose node came before 10,000 others', () => {
    const registry = new Registry()
    registry.join({ id: 'a', key: 'first', contracts })
    for (let n = 0; n <= 10_000; n++) {
      registry.join({ id: 'b', key: `key-${n}`, contracts: [] })
      registry.leave('b')
    }
    expect(registry.pathsOf('first')).toEqual(['todos'])
    registry.leave('a')
    expect(registry.pathsOf('first')).toEqual(['todos'])
  })

  it('keeps nothing of a replica that has gone but where it was', () => {
    const registry = new Registry()
    registry.join({ id: 'a', key: 'k', contracts })
    registry.join({ id: 'b', key: 'k', contracts })
    const entry = registry.service('todos')
    registry.leave('b')
    expect(entry?.lastNode).toBeUndefined()
    registry.leave('a')
    expect(entry?.lastNode).toBe('a')
  })
})
