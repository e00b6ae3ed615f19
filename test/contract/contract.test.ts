import type { Contract } from 'feathers-mesh'
import { isContract, stripSlashes } from '../../lib/contract/contract'
import { contractOfService } from '../../lib/contract/from-service'

describe('the contract of a plain service', () => {
  it('has its methods, and the standard events with its own', () => {
    expect(contractOfService('/users/', { methods: ['find', 'create', 'greet'], events: ['greeted'] })).toEqual({
      path: 'users',
      methods: [
        { name: 'find', idempotent: true }, { name: 'create', idempotent: false }, { name: 'greet', idempotent: false }
      ],
      events: ['created', 'updated', 'patched', 'removed', 'greeted']
    })
  })

  it('is limited by what the service says for the mesh, which may be nothing', () => {
    expect(contractOfService('users', {
      methods: ['find', 'create'], events: ['greeted'], distributedMethods: ['find'], distributedEvents: ['greeted']
    })).toEqual({ path: 'users', methods: [{ name: 'find', idempotent: true }], events: ['greeted'] })
    expect(contractOfService('users', { methods: ['find'], distributedMethods: [], distributedEvents: [] }))
      .toEqual({ path: 'users', methods: [], events: [] })
  })

  it('has each name once, and none that Feathers keeps for itself', () => {
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

  it('is one with a path, methods and events, be they empty', () => {
    expect(isContract(good)).toBe(true)
    expect(isContract({ path: 'users', methods: [], events: [] })).toBe(true)
    // A newer node may say more.
    expect(isContract({ ...good, version: 2 })).toBe(true)
  })

  it.each<[unknown]>([
    [undefined], [null], [true], [7], ['users'], [[]], [{}], [() => good],
    [{ ...good, path: '' }], [{ ...good, path: 7 }], [{ ...good, path: undefined }],
    [{ ...good, methods: undefined }], [{ ...good, methods: {} }], [{ ...good, methods: 'find' }],
    [{ ...good, methods: ['find'] }],
    [{ ...good, methods: [null] }], [{ ...good, methods: [{ name: 'find' }] }],
    [{ ...good, methods: [{ name: '', idempotent: true }] }],
    [{ ...good, methods: [{ name: 'find', idempotent: 'yes' }] }],
    [{ ...good, methods: [{ name: 'find', idempotent: true, timeout: '1' }] }],
    [{ ...good, events: undefined }], [{ ...good, events: [7] }], [{ ...good, events: [''] }],
    [{ ...good, events: 'created' }]
  ])('is none when it is %p', garbage => {
    expect(isContract(garbage)).toBe(false)
  })
})

describe('stripSlashes', () => {
  it.each([
    ['users', 'users'], ['/users', 'users'], ['users/', 'users'], ['//api/users//', 'api/users'], ['/', ''], ['', '']
  ])(
    'makes of %p %p', (path, stripped) => {
      expect(stripSlashes(path)).toBe(stripped)
    })
})
