import type { Contract } from 'feathers-mesh'
import { contractOfService } from '../../lib/contract/from-service'
import { readContract } from '../../lib/contract/read-contract'

describe('the contract of a plain service', () => {
  it('lists its methods, and the standard events before its own', () => {
    expect(contractOfService('/users/', { methods: ['find', 'create', 'greet'], events: ['greeted'] })).toEqual({
      path: 'users',
      methods: [
        { name: 'find', idempotent: true }, { name: 'create', idempotent: false }, { name: 'greet', idempotent: false }
      ],
      events: ['created', 'updated', 'patched', 'removed', 'greeted']
    })
  })

  it('offers only what distributedMethods and distributedEvents name, even when they are empty', () => {
    expect(contractOfService('users', {
      methods: ['find', 'create'], events: ['greeted'], distributedMethods: ['find'], distributedEvents: ['greeted']
    })).toEqual({ path: 'users', methods: [{ name: 'find', idempotent: true }], events: ['greeted'] })
    expect(contractOfService('users', { methods: ['find', 'greet'], distributedMethods: ['greet', 'wipe'] }).methods)
      .toEqual([{ name: 'greet', idempotent: false }])
    expect(contractOfService('users', { methods: ['find'], distributedMethods: [], distributedEvents: [] }))
      .toEqual({ path: 'users', methods: [], events: [] })
  })

  it('lists each name once and leaves out names that Feathers reserves', () => {
    expect(contractOfService('users', {
      methods: [
        'find', 'find', 'setup', 'teardown', 'then', 'hooks', 'emit', 'toString'
      ], events: ['created', 'created']
    })).toEqual({
      path: 'users', methods: [{ name: 'find', idempotent: true }], events: ['created', 'updated', 'patched', 'removed']
    })
  })
})

describe('a contract from the network', () => {
  const good: Contract = {
    path: 'users', methods: [{ name: 'find', idempotent: true, timeout: 10 }], events: ['created']
  }

  it('is accepted when it has a path and at least one callable method', () => {
    expect(readContract(good)).toEqual(good)
    expect(readContract({ ...good, events: [] })).toEqual({ ...good, events: [] })
    expect(readContract({ ...good, path: '/users/' })).toEqual(good)
    const nested = { ...good, path: 'users/:userId/messages' }
    expect(readContract(nested)).toEqual(nested)
    expect(readContract({ ...good, remoteOptions: { a: 1 } })).toEqual({ ...good, remoteOptions: { a: 1 } })
  })

  it('keeps its id, version, hash and shapes only when they are strings of a reasonable length', () => {
    const shaped: Contract = {
      ...good,
      id: '_id',
      version: '1.2.0',
      hash: 'abc',
      methods: [{ name: 'find', idempotent: true, shapes: { data: 'a', id: 'b', query: 'c', result: 'd' } }]
    }
    expect(readContract(shaped)).toEqual(shaped)
    const long = 'x'.repeat(101)
    const garbage = [7, '', null, {}, long, ['a']]
    for (const value of garbage) {
      const shapes = { data: value, __proto__: value, more: 'x' }
      const methods = [{ name: 'find', idempotent: true, shapes }, { name: 'get', idempotent: true, shapes: value }]
      expect(readContract({ ...good, id: value, version: value, hash: value, methods })).toEqual({
        ...good, methods: [{ name: 'find', idempotent: true }, { name: 'get', idempotent: true }]
      })
    }
  })

  it('loses fields that this release does not know', () => {
    expect(readContract({ ...good, version: 2, methods: [{ ...good.methods[0], cost: 3 }] })).toEqual(good)
  })

  it.each<[unknown]>([
    ['find'], [null], [{ name: 'find' }], [{ name: '', idempotent: true }], [{ name: 'find', idempotent: 'yes' }],
    [{ name: 'find', idempotent: true, timeout: '1' }], [{ name: 'find', idempotent: true, timeout: -1 }],
    [{ name: 'find', idempotent: true, timeout: 2 ** 31 }],
    ...['then', 'setup', '__proto__', 'constructor', 'hooks', 'remote', 'path', 'key', 'toJSON', '_find', 'a b']
      .map((name): [unknown] => [{ name, idempotent: true }])
  ])('loses the invalid method %p', method => {
    expect(readContract({ ...good, methods: [method, ...good.methods] })).toEqual(good)
  })

  it('loses events without a name', () => {
    expect(readContract({ ...good, events: [7, '', null, 'created'] })).toEqual(good)
  })

  it.each<[unknown]>([
    [undefined], [null], [true], [7], ['users'], [[]], [{}], [() => good],
    [{ ...good, path: '' }], [{ ...good, path: 7 }], [{ ...good, path: undefined }], [{ ...good, path: '//' }],
    [{ ...good, path: '__proto__' }], [{ ...good, path: 'hasOwnProperty' }], [{ ...good, path: 'a//b' }],
    [{ ...good, path: 'a/constructor' }],
    [{ ...good, methods: undefined }], [{ ...good, methods: {} }], [{ ...good, methods: 'find' }],
    [{ ...good, methods: [] }], [{ ...good, methods: ['find'] }],
    [{ ...good, events: undefined }], [{ ...good, events: 'created' }]
  ])('is rejected when it is %p', garbage => {
    expect(readContract(garbage)).toBeUndefined()
  })
})
