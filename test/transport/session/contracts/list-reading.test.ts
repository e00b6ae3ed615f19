import type { Contract } from '../../../../lib/contract/contract'
import { bytesOfAll, contractBytes } from '../../../../lib/contract/contract-size'
import { ListReading } from '../../../../lib/transport/session/contracts/list-reading'
import { ReadOffers } from '../../../../lib/transport/session/contracts/read-offers'

interface Reading {
  readonly contracts: readonly Contract[] | undefined
  readonly told: readonly string[]
  readonly work: number | undefined
}

const NO_LIST: Reading = { contracts: undefined, told: [], work: undefined }
const find = { name: 'find', idempotent: true }
const events = ['created', 'updated', 'patched', 'removed']
const good = { path: 'todos', methods: [find], events, hash: '0123456789abcdef' }

/** Reads a list, in turns: a text, or a value of unknown origin. */
function read (list: string | readonly unknown[], offers?: ReadOffers): Reading {
  const told: string[] = []
  const onFault = (fault: string, what: string): unknown => told.push(`${fault} ${what}`)
  const reading = typeof list === 'string' ? ListReading.ofText(list, onFault, offers) : new ListReading(list, onFault)
  while (reading?.step() === true);
  return { contracts: reading?.contracts, told, work: reading?.work }
}

/** Lists as texts, in each of which something is not as in the one before it. */
const TEXTS: ReadonlyArray<[what: string, text: string]> = [
  ['of services that offer the same', JSON.stringify(['a', 'b', 'c'].map(path => ({ ...good, path })))],
  ['with methods that are listed twice', JSON.stringify([{ ...good, methods: [find, find], events: ['a', 'a'] }])],
  ['of one path that comes twice', JSON.stringify([good, { ...good, path: '/todos', events: ['done'] }, good])],
  ['of paths that nothing can have', JSON.stringify(['', '/', 'a//b', '__proto__', 'x'.repeat(1_001), 'ok']
    .map(path => ({ ...good, path })))],
  ['of paths with escapes', JSON.stringify(['a"b', 'a\\', 'n']).replace('n', '\\u006e').slice(1, -1).split(',')
    .map(path => JSON.stringify({ ...good, path: 0 }).replace('0', path)).join(',').replace(/^.*$/, '[$&]')],
  ['of a path with a quote', JSON.stringify([{ ...good, path: 'a"b' }])],
  ['of a path that ends at such a quote, and goes on', JSON.stringify([{ ...good, path: 'a"b' }]).replace('\\', '')],
  ['with slashes around paths', JSON.stringify(['/a/', 'b/', '//c'].map(path => ({ ...good, path })))],
  ['with faults', JSON.stringify(['a', 'b'].map(path =>
    ({ ...good, path, methods: [find, [], { ...find, name: 'x'.repeat(201) }], events: ['e', 'y'.repeat(201)] })))],
  ['with lists that are none', JSON.stringify(['a', 'b'].map(path => ({ ...good, path, methods: {} })))],
  ['with options', JSON.stringify(['a', 'b'].map(path =>
    ({ ...good, path, remoteOptions: { paginate: { max: 5 } } })))],
  ['with options like contracts', JSON.stringify(['a', 'b'].map(path =>
    ({ ...good, path, remoteOptions: { all: [{ path: 'x' }, { path: 'y' }] } })))],
  ['with durable events, an id, a version and what nobody knows', JSON.stringify(['a', 'b'].map(path =>
    ({ ...good, path, durableEvents: ['created'], id: '_id', version: '1', more: [1] })))],
  ['with fields in another order', JSON.stringify(['a', 'b'].map(path => ({ events: [], methods: [find], path })))],
  ['with a path that is written twice', ['a', 'b'].map(path => JSON.stringify({ ...good, path }))
    .map(text => `${text.slice(0, -1)},"path":"other"}`).join(',').replace(/^.*$/, '[$&]')],
  ['with a path that is hidden', ['a', 'b'].map(path => JSON.stringify({ ...good, path }))
    .map(text => `${text.slice(0, -1)},"p\\u0061th":"other"}`).join(',').replace(/^.*$/, '[$&]')],
  ['with spaces', JSON.stringify([good, { ...good, path: 'b' }], null, 2)],
  ['of things that are no contracts', '[{"path":"a"},1,null,[],"{\\"path\\":\\"",{}]'],
  ['that is empty', '[]'],
  ['that is none', JSON.stringify(good)],
  ['that ends too early', JSON.stringify([good, good]).slice(0, -2)],
  ['that ends too late', `${JSON.stringify([good])}]`],
  ['with a hole', JSON.stringify([good, good]).replace('},{', '},,{')],
  ['with a control character in a path', `[{"path":"a\n","methods":[],"events":[],"more":"${'0'.repeat(99)}"}]`]
]

describe('a list that comes as text', () => {
  it.each(TEXTS)('%s is read as the same values are, also when all others were read before', (_what, text) => {
    const value = parsed(text)
    const expected: Reading = value === undefined ? NO_LIST : read(value)
    const offers = new ReadOffers()
    for (let round = 0; round < 2; round++) {
      expect(read(text, offers)).toEqual(expected)
      for (const [, other] of TEXTS) read(other, offers)
    }
    expect(read(text)).toEqual(expected)
    expect(JSON.stringify(read(text, offers).contracts)).toBe(JSON.stringify(expected.contracts))
  })

  it('shares what services offer alike, and the options of none', () => {
    const offers = new ReadOffers()
    const readPaths = (paths: readonly string[], fields = {}): readonly Contract[] =>
      read(JSON.stringify(paths.map(path => ({ ...good, path, ...fields }))), offers).contracts ?? []
    const all = [...readPaths(['a', 'b']), ...readPaths(['c'])]
    expect(all).toHaveLength(3)
    expect([new Set(all.map(({ methods }) => methods)).size, new Set(all.map(({ events }) => events)).size])
      .toEqual([1, 1])
    const options = readPaths(['d', 'e'], { remoteOptions: {} }).map(({ remoteOptions }) => remoteOptions)
    expect(options).toEqual([{}, {}])
    expect(new Set(options).size).toBe(2)
  })

  it.each(TEXTS)('%s takes the bytes of its contracts', (_what, text) => {
    const { contracts = [] } = read(text)
    expect(bytesOfAll(contracts)).toBe(contracts.reduce((sum, contract) => sum + contractBytes(contract), 0))
  })
})

describe('the offers that were read', () => {
  const read = { offer: { methods: [find], events: [] }, bytes: 1, work: 1 }
  const known = (offers: ReadOffers, texts: readonly string[]): string[] =>
    texts.filter(text => offers.get(text) !== undefined)

  it('are forgotten, the oldest first, beyond some characters', () => {
    const offers = new ReadOffers(10)
    for (const text of ['aaaa', 'bbbb', 'bbbb', 'cc', 'd']) offers.add(text, read)
    expect(known(offers, ['aaaa', 'bbbb', 'cc', 'd'])).toEqual(['bbbb', 'cc', 'd'])
    offers.add('e'.repeat(11), read)
    expect(known(offers, ['bbbb', 'cc', 'd', 'e'.repeat(11)])).toEqual([])
  })

  it('are no more than 262,144 characters', () => {
    const offers = new ReadOffers()
    const texts = Array.from({ length: 33 }, (_, n) => `${n}`.padEnd(8_192, 'x'))
    for (const text of texts) offers.add(text, read)
    expect(known(offers, texts)).toEqual(texts.slice(1))
  })

  it('are looked for in few lists while they are of no use, until they are again', () => {
    const offers = new ReadOffers()
    const worthwhile = (): number => Array.from({ length: 160 }).filter(() => offers.isWorthwhile()).length
    const texts = Array.from({ length: 1_000 }, (_, n) => `"${n}"`)
    expect(worthwhile()).toBe(160)
    for (const text of texts) offers.add(text, read)
    expect(worthwhile()).toBe(10)
    offers.get('"0"')
    expect(worthwhile()).toBe(160)
  })
})

function parsed (text: string): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}
