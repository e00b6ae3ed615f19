import type { Contract } from 'feathers-mesh'
import { hasRepeats, methodNamesOf, namesBeyond, OfferedMembers } from '../../lib/registry/offered-members'

const contract = (methods: string[], events: string[]): Contract =>
  ({ path: 'todos', methods: methods.map(name => ({ name, idempotent: false })), events })

describe('what several replicas offer together', () => {
  it('is each method and event once, until the last replica that offers it has gone', () => {
    const members = new OfferedMembers()
    const first = contract(['find', 'get'], ['created'])
    const second = contract(['get', 'create'], ['created', 'removed'])
    members.add(first)
    expect([members.size, members.missing(first), members.missing(second)]).toEqual([3, 0, 2])
    members.add(second)
    expect(members.methods.first(9)).toEqual(['find', 'get', 'create'])
    expect(members.events.first(9)).toEqual(['created', 'removed'])
    members.remove(first)
    expect([members.methods.first(9), members.size]).toEqual([['get', 'create'], 4])
    members.remove(second)
    expect(members.size).toBe(0)
  })

  it('has one list of names for all services that share their methods', () => {
    const shared = contract(['find'], [])
    expect(methodNamesOf({ ...shared, path: 'users' })).toBe(methodNamesOf(shared))
  })

  it('is more by the names that a contract has beyond another one', () => {
    const first = contract(['find', 'get'], ['created'])
    expect(namesBeyond(undefined, first)).toBe(3)
    expect(namesBeyond(first, first)).toBe(0)
    expect(namesBeyond(first, contract(['get', 'create'], ['created', 'removed']))).toBe(2)
  })

  it('has repeats where a contract names a method or an event twice', () => {
    const twice = [contract(['find', 'find'], []), contract([], ['created', 'created'])]
    const contracts = [contract(['find'], ['created']), ...twice]
    expect(contracts.map(hasRepeats)).toEqual([false, true, true])
  })
})
