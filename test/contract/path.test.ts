import type { Contract } from 'feathers-mesh'
import { byPathOf } from '../../lib/contract/path'
import { ContractReader } from '../../lib/contract/read-contract'

const contract = (path: string, name = 'find'): Contract =>
  ({ path, methods: [{ name, idempotent: true }], events: [] })

describe('the contracts of a node by their paths', () => {
  it('leave out paths that no service can have, and have no slashes at their ends', () => {
    const contracts = [contract('/todos/'), contract('a//b'), contract(''), contract('constructor'), contract('users')]
    expect([...byPathOf(contracts)]).toEqual([['todos', contracts[0]], ['users', contracts[4]]])
  })

  it('are those of a list that has changed since', () => {
    const contracts = [contract('todos')]
    expect([...byPathOf(contracts).keys()]).toEqual(['todos'])
    contracts[0] = contract('users')
    expect([...byPathOf(contracts).keys()]).toEqual(['users'])
  })

  it('are sorted once for a list that nobody can change', () => {
    const contracts = Object.freeze([contract('todos')])
    expect(byPathOf(contracts)).toBe(byPathOf(contracts))
  })

  it('have the last one of those with one path', () => {
    const contracts = [contract('todos'), contract('/todos', 'get')]
    expect([...byPathOf(contracts)]).toEqual([['todos', contracts[1]]])
  })

  it('are those that were read, where more was read after a list was taken', () => {
    const reader = new ContractReader()
    reader.read(contract('todos'))
    const { contracts } = reader
    reader.read(contract('users'))
    expect([...byPathOf(contracts).keys()]).toEqual(['todos'])
    expect([...byPathOf(reader.contracts).keys()]).toEqual(['todos', 'users'])
  })
})
