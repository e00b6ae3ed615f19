import type { Contract } from 'feathers-mesh'
import { methodNamesOf, OfferedMembers } from '../../lib/registry/offered-members'

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
})
