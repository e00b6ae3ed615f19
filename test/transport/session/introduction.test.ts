import { MalformedMessage } from 'feathers-mesh/transport'
import { CallerIdentity } from '../../../lib/transport/session/introduction'

const introduction = { node: 'a', key: 'billing' }

describe('The identity of a caller', () => {
  it('is its address until it introduces itself', () => {
    const identity = new CallerIdentity('127.0.0.1')
    expect(identity.caller).toEqual({ proven: false, address: '127.0.0.1' })
    expect(identity.introduce(introduction)).toBeUndefined()
    expect(identity.caller).toEqual({ node: 'a', key: 'billing', proven: false, address: '127.0.0.1' })
  })

  it('is proven when its key is among those that its connection has proven', () => {
    const identity = new CallerIdentity('127.0.0.1', ['billing'])
    expect(identity.introduce(introduction)).toBeUndefined()
    expect(identity.caller.proven).toBe(true)
  })

  it('stays unknown when it claims a key that it has not proven, and the fault names both', () => {
    const identity = new CallerIdentity('127.0.0.1', ['orders'])
    expect(identity.introduce(introduction)).toMatch(/orders.*billing/)
    expect(identity.caller.node).toBeUndefined()
  })

  it('can be told once', () => {
    const identity = new CallerIdentity('127.0.0.1')
    identity.introduce(introduction)
    expect(() => identity.introduce({ node: 'b', key: 'orders' })).toThrow(MalformedMessage)
    expect(identity.caller.node).toBe('a')
  })

  it.each([
    [undefined], [null], ['a'], [[]], [{}], [{ node: 'a' }], [{ node: 1, key: 'k' }],
    [{ node: 'a', key: 'x'.repeat(1_001) }]
  ])(
    'is not learnt from %p', data => {
      expect(() => new CallerIdentity('127.0.0.1').introduce(data)).toThrow(MalformedMessage)
    })
})
