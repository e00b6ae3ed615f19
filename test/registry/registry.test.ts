import type { Contract } from 'feathers-mesh'
import type { MeshNode } from '../../lib/registry/mesh-node'
import { describe as descriptorOf } from '../../lib/contract/descriptor'
import { Registry } from '../../lib/registry/registry'
import { until } from '../until'

const contract = (path: string, ...methods: string[]): Contract => ({
  path,
  methods: (methods.length === 0 ? ['find'] : methods).map(name => ({ name, idempotent: name === 'find' })),
  events: ['created']
})

const node = (id: string, key: string, ...contracts: Contract[]): MeshNode => ({ id, key, contracts })

/** A registry with what it announced since it was asked last. */
function watched (registry = new Registry()): { registry: Registry, announced: () => string[] } {
  let log: string[] = []
  for (const name of ['service', 'service-changed', 'service-removed'] as const) {
    registry.on(name, ({ key, path, hosts }) => log.push(`${name} ${key}:${path} ${hosts.map(host => host.node.id).join()}`))
  }
  registry.on('node-removed', ({ id }) => log.push(`node-removed ${id}`))
  return {
    registry,
    announced: () => {
      const told = log
      log = []
      return told
    }
  }
}

describe('a node', () => {
  it('is placed once when it joins by what it announced and then answers', () => {
    const placed: string[] = []
    const { registry, announced } = watched(new Registry({
      placement: ({ path }) => {
        placed.push(path)
        return path
      }
    }))
    const told: unknown[] = []
    registry.on('node', ({ id, isUnproven }) => told.push([id, isUnproven]))
    const proven = node('a', 'k', contract('todos'))
    registry.join({ ...proven, isUnproven: true })
    registry.join(proven)
    expect([placed, told]).toEqual([['todos'], [['a', true], ['a', undefined]]])
    expect(registry.node('a')).toBe(proven)
    registry.join({ ...proven, contracts: [contract('users')] })
    expect(announced()).toEqual(['service k:todos a', 'service-removed k:todos ', 'service k:users a'])
  })

  it('has no services left once it offers none, also while they are placed', async () => {
    const { registry } = watched()
    registry.join(node('a', 'k', ...Array.from({ length: 200 }, (_, n) => contract(`path-${n}`))))
    registry.join(node('a', 'k'))
    await until('nothing', () => registry.services.length === 0)
    registry.join(node('b', 'k', ...Array.from({ length: 200 }, (_, n) => contract(`path-${n}`))))
    registry.leave('b')
    await until('nothing', () => registry.services.length === 0)
    expect(registry.servicesOf('a')).toEqual([])
  })

  it('is found by the services in use that it hosts', () => {
    const { registry } = watched()
    registry.join(node('a', 'k', contract('todos'), contract('users')))
    registry.join(node('b', 'other', contract('todos'), contract('notes')))
    const pathsOf = (id: string): string[] => registry.servicesOf(id).map(({ path }) => path)
    expect([pathsOf('a'), pathsOf('b'), pathsOf('c')]).toEqual([['todos', 'users'], ['notes'], []])
  })

  it('is announced once with its services when it joins, and once when it leaves', () => {
    const { registry, announced } = watched()
    registry.join(node('a', 'k', contract('todos'), contract('users')))
    expect(announced()).toEqual(['service k:todos a', 'service k:users a'])
    registry.leave('a')
    expect(announced()).toEqual(['service-removed k:todos ', 'service-removed k:users ', 'node-removed a'])
    registry.leave('a')
    registry.leave('never')
    expect(announced()).toEqual([])
  })

  it('causes no announcement when it joins again unchanged', () => {
    const { registry, announced } = watched()
    registry.join(node('a', 'k', contract('todos')))
    announced()
    registry.join(node('a', 'k', contract('todos')))
    expect(announced()).toEqual([])
    expect(registry.nodes).toHaveLength(1)
  })

  it('may host no services', () => {
    const { registry, announced } = watched()
    registry.join(node('a', 'k'))
    expect(announced()).toEqual([])
    expect(registry.nodes).toEqual([node('a', 'k')])
  })

  it('causes announcements of added, removed and changed services when its offer changes', () => {
    const { registry, announced } = watched()
    registry.join(node('a', 'k', contract('goes'), contract('changes'), contract('stays')))
    announced()
    registry.join(node('a', 'k', contract('changes', 'find', 'get'), contract('stays'), contract('comes')))
    expect(announced()).toEqual(['service-removed k:goes ', 'service-changed k:changes a', 'service k:comes a'])
    expect(registry.service('goes')).toBeUndefined()
    expect(registry.service('changes')?.methods).toEqual(['find', 'get'])
  })

  it('moves its services along when its key changes', () => {
    const { registry, announced } = watched()
    registry.join(node('a', 'old', contract('todos')))
    announced()
    registry.join(node('a', 'new', contract('todos')))
    expect(announced()).toEqual(['service-removed old:todos ', 'service new:todos a'])
    registry.leave('a')
    expect(registry.services).toEqual([])
  })
})

describe('replicas of one key', () => {
  it('host one service, and each further replica is announced as a change', () => {
    const { registry, announced } = watched()
    registry.join(node('a', 'k', contract('todos')))
    registry.join(node('b', 'k', contract('todos')))
    expect(announced()).toEqual(['service k:todos a', 'service-changed k:todos a,b'])
    registry.leave('a')
    expect(announced()).toEqual(['service-changed k:todos b', 'node-removed a'])
    registry.leave('b')
    expect(announced()).toEqual(['service-removed k:todos ', 'node-removed b'])
  })

  it('may differ, and each method lists the hosts that offer it', () => {
    const { registry } = watched()
    registry.join(node('a', 'k', contract('todos', 'find', 'get')))
    registry.join(node('b', 'k', contract('todos', 'find', 'complete')))
    const hosts = (method: string): string[] | undefined => registry.service('todos')?.method(method)?.hosts.map(
      host => host.node.id
    )
    expect(hosts('find')).toEqual(['a', 'b'])
    expect(hosts('get')).toEqual(['a'])
    expect(hosts('complete')).toEqual(['b'])
    expect(hosts('wipe')).toBeUndefined()
    expect(registry.service('todos')?.methods).toEqual(['find', 'get', 'complete'])
    registry.leave('a')
    expect(hosts('find')).toEqual(['b'])
    expect(hosts('get')).toBeUndefined()
  })

  it('offer the union of their events', () => {
    const { registry } = watched()
    registry.join(node('a', 'k', contract('todos')))
    registry.join(node('b', 'k', { ...contract('todos'), events: ['created', 'completed'] }))
    expect(registry.service('todos')?.events).toEqual(['created', 'completed'])
  })
})

describe('several keys that share a path', () => {
  it('are served by the first key, and by the next when the first one is gone', () => {
    const { registry, announced } = watched()
    registry.join(node('a', 'first', contract('todos')))
    registry.join(node('b', 'second', contract('todos', 'find', 'get')))
    expect(announced()).toEqual(['service first:todos a'])
    expect(registry.service('todos')?.key).toBe('first')
    expect(registry.services).toHaveLength(1)

    registry.leave('a')
    expect(announced()).toEqual(['service-removed first:todos ', 'service second:todos b', 'node-removed a'])
    expect(registry.service('todos')?.methods).toEqual(['find', 'get'])
    registry.leave('b')
    expect(registry.service('todos')).toBeUndefined()
  })

  it('cause no announcement while another key is in use', () => {
    const { registry, announced } = watched()
    registry.join(node('a', 'first', contract('todos')))
    registry.join(node('b', 'second', contract('todos')))
    registry.join(node('c', 'second', contract('todos')))
    announced()
    registry.join(node('c', 'second', contract('todos', 'get')))
    registry.leave('b')
    registry.leave('c')
    expect(announced()).toEqual(['node-removed b', 'node-removed c'])
  })
})

describe('the placement of services', () => {
  it('gives them local paths, which may separate the keys', () => {
    const { registry, announced } = watched(new Registry({ placement: ({ key, path }) => `${key}/${path}` }))
    registry.join(node('a', 'x', contract('todos')))
    registry.join(node('b', 'y', contract('todos')))
    expect(announced()).toEqual(['service x:x/todos a', 'service y:y/todos b'])
    expect(registry.service('x/todos')?.remotePath).toBe('todos')
    expect(registry.service('todos')).toBeUndefined()
    registry.leave('a')
    expect(announced()).toEqual(['service-removed x:x/todos ', 'node-removed a'])
  })

  it('leaves out services for which it returns undefined', () => {
    const { registry, announced } = watched(new Registry({
      placement: ({ path }) => path === 'todos' ? path : undefined
    }))
    registry.join(node('a', 'k', contract('todos'), contract('users')))
    expect(announced()).toEqual(['service k:todos a'])
    expect(registry.services.map(({ path }) => path)).toEqual(['todos'])
    expect(registry.lastSeen('users')).toBeUndefined()
  })

  it('is called with the same descriptor as in feathers-distributed', () => {
    const placement = jest.fn(() => undefined)
    const offered = { ...contract('todos', 'find', 'get'), remoteOptions: { public: true } }
    new Registry({ placement }).join(node('1234-56', 'k', offered))
    const descriptor = {
      uuid: '1234-56',
      shortUuid: '1234',
      key: 'k',
      path: 'todos',
      events: ['created'],
      methods: ['find', 'get'],
      remoteOptions: { public: true }
    }
    expect(placement).toHaveBeenCalledWith(descriptor)
    expect(descriptorOf(node('1234-56', 'k'), offered)).toEqual(descriptor)
  })
})

describe('the last sighting of a service', () => {
  it('outlives the service, with its node and time', () => {
    const { registry } = watched()
    expect(registry.lastSeen('todos')).toBeUndefined()
    const before = Date.now()
    registry.join(node('a', 'k', contract('todos')))
    registry.join(node('b', 'k', contract('todos')))
    expect(registry.lastSeen('todos')?.node).toBe('b')
    registry.leave('b')
    registry.leave('a')
    const seen = registry.lastSeen('todos')
    expect(seen?.node).toBe('a')
    expect(seen?.at.getTime()).toBeGreaterThanOrEqual(before)
    expect(seen?.at.getTime()).toBeLessThanOrEqual(Date.now())
  })
})

describe('a service of this node', () => {
  it('is offered until it is removed, with the latest contract of its path', () => {
    const { registry, announced } = watched()
    registry.offer(contract('todos'))
    registry.offer(contract('users'))
    registry.offer(contract('todos', 'get'))
    expect(registry.contracts).toEqual([contract('todos', 'get'), contract('users')])
    expect(registry.contract('todos')).toEqual(contract('todos', 'get'))
    expect(registry.withdraw('todos')).toBe(true)
    expect(registry.withdraw('todos')).toBe(false)
    expect(registry.contract('todos')).toBeUndefined()
    // It is no service of another node.
    expect(registry.service('users')).toBeUndefined()
    expect(announced()).toEqual([])
  })
})
