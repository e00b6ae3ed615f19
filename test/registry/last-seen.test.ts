import { LastSeenServices } from '../../lib/registry/last-seen'
import { Registry } from '../../lib/registry/registry'

const node = (id: string, key = 'k'): Parameters<Registry['join']>[0] => ({ id, key, contracts: [] })

describe('services that were seen', () => {
  it('are remembered with the node that had them last', () => {
    const seen = new LastSeenServices()
    seen.saw('todos', node('a'))
    seen.saw('todos', node('b'))
    expect(seen.get('todos')).toMatchObject({ node: 'b', key: 'k' })
    expect(seen.get('users')).toBeUndefined()
  })

  it('are forgotten, those first that were not seen for longest, when there are too many', () => {
    const seen = new LastSeenServices(2)
    for (const path of ['a', 'b', 'a', 'c']) seen.saw(path, node('one'))
    expect(['a', 'b', 'c'].filter(path => seen.get(path) !== undefined)).toEqual(['a', 'c'])
  })

  it('are known by the key of their nodes, as far as those are remembered', () => {
    const seen = new LastSeenServices(2)
    for (const key of ['x', 'y', 'x', 'z']) seen.sawKey(key)
    seen.saw('todos', node('a', 'x'))
    expect([seen.pathsOf('x'), seen.pathsOf('y'), seen.pathsOf('z')]).toEqual([['todos'], undefined, []])
  })
})

describe('a registry', () => {
  it('remembers no more than so many services of nodes that come and go, each with other ones', () => {
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
})
