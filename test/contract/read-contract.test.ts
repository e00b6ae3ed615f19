import {
  MAX_ALL_CONTRACTS_BYTES, MAX_CONTRACTS_BYTES, MAX_EVENTS, MAX_MEMBER_LENGTH, MAX_METHODS, MAX_OPTIONS_DEPTH,
  MAX_OPTIONS_LENGTH, MAX_PATH_LENGTH, MAX_SERVICES, MAX_SHARED_ITEMS
} from '../../lib/contract/contract-bounds'
import { contractBytes } from '../../lib/contract/contract-size'
import { ContractReader, readContract } from '../../lib/contract/read-contract'

type Contract = NonNullable<ReturnType<typeof readContract>>

const find = { name: 'find', idempotent: true }
const good = { path: 'todos', methods: [find], events: ['created'] }

/** What is read of a contract, and what was told of it. */
function read (value: unknown): { contract: Contract | undefined, told: string[] } {
  const told: string[] = []
  return { contract: readContract(value, (fault, what) => told.push(`${fault} ${what}`)), told }
}

/** An object of a few bytes as a value, and of 2 ** levels bytes as JSON. */
function shared (levels: number): object {
  let value: object = { leaf: true }
  for (let level = 0; level < levels; level++) value = { a: value, b: value }
  return value
}

describe('a contract that is no plain JSON', () => {
  it('loses options that share objects, and keeps the others', () => {
    const { contract, told } = read({ ...good, remoteOptions: { bad: shared(40), paginate: { default: 5 } } })
    expect(contract?.remoteOptions).toEqual({ paginate: { default: 5 } })
    expect(told).toEqual(["malformedContracts the option 'bad' of 'todos'"])
  })

  it.each<[string, unknown]>([
    ['a date', new Date(0)], ['a map', new Map([['a', 1]])], ['an error', new Error('no')], ['bytes', Buffer.from('a')],
    ['a class', new (class Options { readonly a = 1 })()], ['a function', () => 1], ['a big number', 10n],
    ['no number', NaN], ['a symbol', Symbol('a')], ['a list with a date', [new Date(0)]]
  ])('loses options that are %s', (_what, bad) => {
    expect(read({ ...good, remoteOptions: { bad, good: 1 } }).contract?.remoteOptions).toEqual({ good: 1 })
  })

  it('runs no getter', () => {
    const getter = jest.fn(() => 'todos')
    const options = Object.defineProperty({}, 'a', { get: getter, enumerable: true })
    const method = Object.defineProperty({ idempotent: true }, 'name', { get: getter, enumerable: true })
    const contract = Object.defineProperty({ ...good }, 'path', { get: getter, enumerable: true })
    read({ ...good, methods: [find, method], remoteOptions: { options } })
    read(contract)
    expect(getter).not.toHaveBeenCalled()
  })

  it('is left out where two of them are one object, or have one long list', () => {
    const reader = new ContractReader()
    const long = Array.from({ length: MAX_SHARED_ITEMS + 1 }, (_, n) => ({ ...find, name: `find${n}` }))
    const twice = { ...good, methods: long }
    expect(reader.read(twice)?.path).toBe('todos')
    expect(reader.read(twice)).toBeUndefined()
    expect(reader.read({ path: 'users', methods: long, events: [] })).toBeUndefined()
  })

  it('may share a short list with others, as an honest node does that has one list of names', () => {
    const reader = new ContractReader()
    const methods = [{ ...find }]
    for (const path of ['todos', 'users']) expect(reader.read({ path, methods, events: [] })?.methods).toEqual([find])
    expect(reader.read({ path: 'twice', methods: [methods[0], methods[0]], events: [] })?.methods).toEqual([find])
  })

  it.each([new Map(), new Date(), [], new (class { readonly path = 'todos' })()])(
    'is left out when it is %p', value => { expect(read(value).contract).toBeUndefined() }
  )
})

describe('a contract beyond the bounds', () => {
  const names = (count: number, length = 1): string[] =>
    Array.from({ length: count }, (_, n) => `m${n}`.padEnd(length, 'x'))

  it('keeps the first methods and events', () => {
    const methods = names(MAX_METHODS + 1).map(name => ({ ...find, name }))
    const { contract, told } = read({ ...good, methods, events: names(MAX_EVENTS + 1) })
    expect([contract?.methods.length, contract?.events.length]).toEqual([MAX_METHODS, MAX_EVENTS])
    expect(told).toEqual([
      `overlongContracts ${MAX_METHODS + 1} methods of 'todos'`, `overlongContracts ${MAX_EVENTS + 1} events of 'todos'`
    ])
  })

  it('loses names, paths and options that are too long', () => {
    const [long] = names(1, MAX_MEMBER_LENGTH + 1)
    const { contract, told } = read({
      ...good,
      methods: [find, { ...find, name: long }],
      events: ['created', long],
      remoteOptions: { a: 'x'.repeat(MAX_OPTIONS_LENGTH) }
    })
    expect(contract).toEqual(good)
    expect(told).toHaveLength(3)
    expect(read({ ...good, path: 'x'.repeat(MAX_PATH_LENGTH + 1) })).toEqual({
      contract: undefined, told: [`overlongContracts a path of ${MAX_PATH_LENGTH + 1} characters`]
    })
    expect(read({ ...good, path: 'x'.repeat(MAX_PATH_LENGTH) }).told).toEqual([])
  })

  it('loses options that are too deep', () => {
    const nested = (levels: number): unknown => levels === 0 ? 1 : [nested(levels - 1)]
    expect(read({ ...good, remoteOptions: { a: nested(MAX_OPTIONS_DEPTH) } }).contract?.remoteOptions).toBeDefined()
    expect(read({ ...good, remoteOptions: { a: nested(100_000 / 20) } }).contract?.remoteOptions).toEqual({})
  })

  it('is one of a node whose contracts are too many bytes together', () => {
    const told: string[] = []
    const reader = new ContractReader(fault => told.push(fault))
    const bytes = contractBytes({ ...good, path: 'x'.repeat(4) })
    let index = 0
    for (let read = 0; read < MAX_CONTRACTS_BYTES && told.length === 0; index++) {
      const methods = names(MAX_METHODS, MAX_MEMBER_LENGTH).map(name => ({ ...find, name }))
      read += contractBytes(reader.read({ path: `p${index}`, methods, events: [] }) ?? good)
    }
    expect(told).toEqual(['overlongContracts'])
    const kept = reader.contracts.reduce((sum, each) => sum + contractBytes(each), 0)
    expect(kept).toBeLessThanOrEqual(MAX_CONTRACTS_BYTES)
    expect(bytes).toBeLessThan(1_000)
    expect(MAX_CONTRACTS_BYTES).toBeLessThan(MAX_ALL_CONTRACTS_BYTES)
  })

  it('is none of an honest node with 20,000 services of ten methods', () => {
    const told: string[] = []
    const reader = new ContractReader(fault => told.push(fault))
    const methods = names(10)
    for (let n = 0; n < MAX_SERVICES; n++) {
      reader.read({ path: `services/${n}`, methods: methods.map(name => ({ ...find, name })), events: ['created'] })
    }
    expect([reader.contracts.length, told]).toEqual([20_000, []])
    // Each thing was looked at once.
    expect(reader.work).toBe(20_000 * 12)
  })
})

describe('a contract with duplicates', () => {
  it('lists each method and each event once', () => {
    const methods = [find, { ...find }, { ...find, idempotent: false }]
    expect(read({ ...good, methods, events: ['created', 'created'] }).contract).toEqual(good)
  })

  it('is merged with another one of its path', () => {
    const reader = new ContractReader()
    reader.read({ ...good, methods: [{ ...find }] })
    reader.read({ path: '/todos', methods: [{ ...find, timeout: 5 }, { ...find, name: 'get' }], events: ['done'] })
    expect(reader.contracts).toEqual([
      { path: 'todos', methods: [find, { ...find, name: 'get' }], events: ['created', 'done'] }
    ])
  })
})

describe('the events of a contract', () => {
  it.each(['error', 'newListener', 'removeListener', 'gap', '__proto__', 'constructor', 'toString'])(
    'do not include %s, which an emitter or this library gives a meaning', name => {
      expect(read({ ...good, events: [name, 'created'] }).contract).toEqual(good)
    })
})
