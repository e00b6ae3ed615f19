import { contractOfService } from '../../lib/contract/from-service'
import { readContract } from '../../lib/contract/read-contract'
import { withHash } from '../../lib/contract/contract-hash'
import { POLICY_FIELDS, policyOfMethod, readPolicy } from '../../lib/contract/method-policy'

describe('the policy of a method', () => {
  it.each([
    ['find', { idempotent: true }], ['get', { idempotent: true }], ['create', { idempotent: false }],
    ['complete', { idempotent: false }]
  ])('is that of the table where the author of %s sets nothing', (method, policy) => {
    expect(policyOfMethod(method)).toEqual(policy)
    expect(contractOfService('todos', { methods: [method] }).methods).toEqual([{ name: method, ...policy }])
  })

  it('has what the author sets, in the order of the table, and nothing besides', () => {
    const options = { timeout: 20, idempotent: false, data: Object, allow: [] }
    expect(Object.entries(policyOfMethod('find', options))).toEqual([['idempotent', false], ['timeout', 20]])
  })

  it('has its default where an option is undefined', () => {
    expect(policyOfMethod('find', { idempotent: undefined, timeout: undefined })).toEqual({ idempotent: true })
  })

  it('makes no difference to the hash of a contract, as it changes no method', () => {
    const contract = contractOfService('todos', { methods: ['find'] })
    const other = { ...contract, methods: [{ name: 'find', idempotent: false, timeout: 10 }] }
    expect(withHash(other).hash).toBe(withHash(contract).hash)
  })
})

describe('a policy from the network', () => {
  it.each([
    [{ idempotent: true }], [{ idempotent: false, timeout: 2 ** 31 - 1 }]
  ])('is read as it was sent: %p', policy => {
    expect(readPolicy({ name: 'find', unknown: 1, ...policy })).toEqual(policy)
  })

  it.each([
    [{}], [{ idempotent: 'yes' }], [{ idempotent: null }], [{ idempotent: true, timeout: '10' }],
    [{ idempotent: true, timeout: null }], [{ idempotent: true, timeout: 0 }], [{ idempotent: true, timeout: NaN }],
    [{ idempotent: true, timeout: 2 ** 31 }]
  ])('leaves its method out of the contract when it is not valid, like %p', policy => {
    expect(readPolicy(policy)).toBeUndefined()
    const good = { name: 'get', idempotent: true }
    const sent = { path: 'todos', methods: [{ name: 'find', ...policy }, good], events: [] }
    expect(readContract(sent)?.methods).toEqual([good])
  })

  it.each(Object.entries(POLICY_FIELDS))('may leave %s out only where the contract need not have it', (name, field) => {
    const policy = { idempotent: true, timeout: 10, [name]: undefined }
    expect(readPolicy(policy) === undefined).toBe(field.default !== undefined)
  })
})
