import type { Contract } from 'feathers-mesh'
import { PROCESS_LOG } from '../../lib/log'
import { Registry } from '../../lib/registry/registry'
import { Expectations, ExpectedContracts } from '../../lib/remote/expected-contracts'

const contract = (...methods: string[]): Contract =>
  ({ path: 'todos', methods: methods.map(name => ({ name, idempotent: true })), events: [] })

const expected = { className: 'TodoService', contract: contract('find', 'complete') }

/** A registry, and what the classes of its node expect; they are wired by their constructors alone. */
function world (strict: boolean): { registry: Registry, expectations: Expectations, contracts: ExpectedContracts } {
  const expectations = new Expectations(strict)
  const registry = new Registry({ eligibility: expectations.eligibility })
  return { registry, expectations, contracts: new ExpectedContracts(registry, expectations, PROCESS_LOG) }
}

let warnings: string[]

beforeEach(() => {
  warnings = []
  jest.spyOn(process, 'emitWarning').mockImplementation(warning => { warnings.push(String(warning)) })
})
afterEach(() => { jest.restoreAllMocks() })

describe('what a class expects of replicas', () => {
  it('excludes replicas that differ, with strictContracts, whether they join before the class is used or after', () => {
    const { registry, contracts } = world(true)
    registry.join({ id: 'old', key: 'k', contracts: [contract('find')] })
    expect(registry.service('todos')?.isCallable).toBe(true)
    contracts.expect('todos', expected)
    expect(registry.service('todos')?.isCallable).toBe(false)
    registry.join({ id: 'older', key: 'k', contracts: [contract('find')] })
    registry.join({ id: 'new', key: 'k', contracts: [contract('find', 'complete')] })
    expect([...registry.service('todos')?.excludedHosts ?? []]).toEqual([
      ['old', 'it has no method complete'], ['older', 'it has no method complete']
    ])
  })

  it('excludes nobody without strictContracts, and is warned of once for all replicas that differ in one way', () => {
    const { registry, contracts } = world(false)
    contracts.expect('todos', expected)
    for (const id of ['one', 'other']) registry.join({ id, key: 'k', contracts: [contract('find')] })
    expect(registry.service('todos')?.excludedHosts.size).toBe(0)
    expect(warnings).toEqual([expect.stringContaining("'todos' on node one is not what TodoService of this node says")])
  })

  it('is added once for each class', () => {
    const { expectations } = world(false)
    expect([expectations.add('todos', expected), expectations.add('todos', expected)]).toEqual([true, false])
    expect(expectations.contractOf('todos')).toBe(expected.contract)
    expect(expectations.has('users')).toBe(false)
  })
})
