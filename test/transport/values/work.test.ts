import fc from 'fast-check'
import { decodeValue } from '../../../lib/transport/values/decode-value'
import { encodeValue } from '../../../lib/transport/values/encode-value'
import { keyWork } from '../../../lib/transport/values/codecs/key-work'
import { MalformedValue } from '../../../lib/transport/values/errors'
import { regExpWork } from '../../../lib/transport/values/codecs/regexps'
import { WorkBudget } from '../../../lib/transport/values/work-budget'
import { decodeTable, encodeTable } from './table'

/** What comes with a call whatever its length is. */
const ALLOWANCE = 20_480

const MADE = ['RegExp', 'URL', 'Map', 'Set', 'DOMException', 'ArrayBuffer', 'Float64Array', 'Error'] as const

/** How often constructors of the platform ran while something was done. */
function constructions (run: () => void): Record<string, number> {
  const counts: Record<string, number> = {}
  const scope = globalThis as unknown as Record<string, unknown>
  const before = MADE.map(name => [name, scope[name]] as const)
  for (const [name, made] of before) {
    scope[name] = new Proxy(made as new () => object, {
      construct (target, args, newTarget: new () => object) {
        counts[name] = (counts[name] ?? 0) + 1
        return Reflect.construct(target, args, newTarget) as object
      }
    })
  }
  try {
    run()
  } finally {
    for (const [name, made] of before) scope[name] = made
  }
  return counts
}

const decode = (entry: unknown): unknown => decodeTable(JSON.stringify([[1], entry]))

/** Whole numbers that V8 puts into one place of a table of a thousand. */
const COLLIDING = findColliding(2_000)
const collidingNumbers = (many: number): number[] => COLLIDING.slice(0, many)

function findColliding (many: number): number[] {
  const numbers: number[] = []
  const hash = (key: number): number => {
    let at = (~key + (key << 15)) | 0
    at ^= at >>> 12
    at = (at + (at << 2)) | 0
    at ^= at >>> 4
    at = Math.imul(at, 2057)
    return at ^ (at >>> 16)
  }
  for (let key = 1; numbers.length < many; key++) if ((hash(key) & 1023) === 0) numbers.push(key)
  return numbers
}

const collidingBigInts = (many: number): bigint[] =>
  Array.from({ length: many }, (_, n) => (BigInt(n + 1) << 64n) + 1n)

const bigSlot = (value: bigint): unknown => ['BigInt', value.toString(16)]

const COSTLY: Array<[string, unknown[]]> = [
  ['a RegExp with sets of strings', ['RegExp', '\\p{RGI_Emoji}', 'v']],
  ['a case-insensitive RegExp with many sets of strings', ['RegExp', '\\p{RGI_Emoji}'.repeat(100), 'iv']],
  ['a RegExp with character classes', ['RegExp', '\\p{L}'.repeat(100), 'u']],
  ['a RegExp with negated character classes', ['RegExp', '[^\\P{Lu}]'.repeat(100), 'v']],
  ['a case-insensitive RegExp with character classes', ['RegExp', '[\\p{L}--\\p{Lu}]'.repeat(50), 'iv']],
  ['a case-insensitive RegExp with ranges', ['RegExp', '[!-\u{1f600}]'.repeat(50), 'iv']],
  ['a case-insensitive RegExp with negated word classes', ['RegExp', '[\\W]'.repeat(50), 'iv']],
  ['a RegExp with forward references', ['RegExp', `${'('.repeat(900)}${'\\9'.repeat(900)}${')'.repeat(900)}`, '']],
  ['a RegExp with named references', ['RegExp', `(?<a>${'('.repeat(900)}${'\\k<a>'.repeat(900)}${')'.repeat(900)})`, '']],
  ['a URL with non-ASCII letters', ['URL', `http://${'漢字'.repeat(9_000)}`]],
  ['a URL with one non-ASCII letter', ['URL', 'http://\u00e9']],
  ['a URL in punycode', ['URL', `http://xn--${'a'.repeat(5_000)}-${'a'.repeat(5_000)}`]],
  ['a URL in hidden punycode', ['URL', `http://x\tn--${'a'.repeat(5_000)}`]],
  ['a URL in escaped punycode', ['URL', `http://%78n--${'a'.repeat(5_000)}`]],
  ['a URL in capital letters', ['URL', `HTTP://XN--${'a'.repeat(5_000)}`]],
  ['a URL with backslashes', ['URL', `http:\\\\xn--${'a'.repeat(5_000)}`]],
  ['a URL without slashes', ['URL', `http:xn--${'a'.repeat(5_000)}`]],
  ['a Set of BigInts', ['Set', ...collidingBigInts(3_000).map(bigSlot)]],
  ['a Set of negative BigInts', ['Set', ...collidingBigInts(3_000).map(value => bigSlot(-value))]],
  ['a Map of BigInts', ['Map', ...collidingBigInts(3_000).flatMap(value => [bigSlot(value), 0])]],
  ['a Set of numbers', ['Set', ...collidingNumbers(2_000)]],
  ['a Map of numbers', ['Map', ...collidingNumbers(2_000).flatMap(value => [value, 0])]]
]

describe('a short message', () => {
  it.each(COSTLY)('is rejected before anything is created from it when it holds %s', (_what, entry) => {
    let thrown: unknown
    const made = constructions(() => {
      try {
        decode(entry)
      } catch (error) {
        thrown = error
      }
    })
    expect(thrown).toBeInstanceOf(MalformedValue)
    expect([made.RegExp ?? 0, made.URL ?? 0]).toEqual([0, 0])
  })

  it('is rejected when it holds many cheap objects', () => {
    const few = [
      ['DOMException', '', ''], ['URL', 'a:'], ['Int8Array', ''], ['ArrayBuffer', ''], ['DataView', ''], ['Buffer', ''],
      ['Map'], ['Set'], ['Date', 0], ['RegExp', 'a', ''], ['Sparse', 65],
      ['Error', [], {}, {}], ['Error', [], {}, { 1: 0 }], ['Error', [], { stack: '' }, {}]
    ]
    const taken = few.filter(entry => {
      try {
        return decodeTable(JSON.stringify([0, ...Array<unknown>(10_000).fill(entry)])) === 0
      } catch (error) {
        return !(error instanceof MalformedValue)
      }
    })
    expect(taken).toEqual([])
  })

  it('is rejected before any far item of a list with holes is set, and before parameters are created', () => {
    const items = Array.from({ length: 5_000 }, (_, n) => [n * 80, 0]).flat()
    expect(() => decode(['Sparse', 2 ** 20, ...items])).toThrow(MalformedValue)
    for (const part of ['a&', '+']) {
      expect(() => decode(['URLSearchParams', part.repeat(20_000)])).toThrow(MalformedValue)
    }
  })

  it('takes no stack traces when it creates errors', () => {
    const limit = Error.stackTraceLimit
    expect((decode(['Error', ['TypeError'], { message: 'a' }, {}]) as Error).stack).toBe('TypeError: a')
    expect(Error.stackTraceLimit).toBe(limit)
  })

  it('creates one prototype for the remote stacks of all errors of a class', () => {
    const entry = ['Error', ['TypeError'], { stack: 'there' }, {}]
    const [one, other] = decodeTable(JSON.stringify([[1], ['Array', [2], [3]], entry, entry])) as Error[]
    expect(Object.getPrototypeOf(one)).toBe(Object.getPrototypeOf(other))
    expect([(one as { remoteStack?: string }).remoteStack, one instanceof TypeError]).toEqual(['there', true])
    expect(Object.getOwnPropertyNames(one)).not.toContain('remoteStack')
  })

  it('allocates no memory for numeric field names', () => {
    const before = process.memoryUsage().heapUsed
    const error = ['Error', ['TypeError', 'Error'], { name: 'TypeError', message: 'a' }, { 1022: 0 }]
    const value = decodeTable(JSON.stringify([[1], ['Array', ...Array.from({ length: 2_000 }, (_, n) => [n + 2])],
      ...Array<unknown>(2_000).fill(error)]))
    const text = encodeTable([value, Array.from({ length: 2_000 }, () => ({ 1022: undefined }))])
    expect(text).toContain('{"1022":["undefined"]}')
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(2 ** 24)
  })
})

describe('the decoding work of a message', () => {
  const source = fc.array(fc.oneof(fc.string({ maxLength: 4 }), fc.constantFrom(
    '\\p{L}', '\\P{Lu}', '\\p{RGI_Emoji}', '[!-\u{1f600}]', '[\\W]', '(', ')', '\\9', '\\k<a>', '(?<a>', '[^a]', '|'
  )), { maxLength: 60 }).map(parts => parts.join(''))
  const number = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(...collidingNumbers(50)))
  const entry: fc.Arbitrary<unknown[]> = fc.oneof(
    fc.tuple(fc.constant('RegExp'), source, fc.constantFrom('', 'i', 'u', 'iu', 'v', 'iv')),
    fc.tuple(fc.constant('URL'), fc.oneof(fc.webUrl(), fc.string({ unit: 'grapheme' }).map(host => `http://${host}`))),
    fc.array(number, { maxLength: 400 }).map(keys => ['Set', ...keys]),
    fc.nat(700).map(many => ['Set', ...collidingBigInts(many).map(bigSlot)]),
    fc.nat(700).map(many => ['Map', ...collidingNumbers(many).flatMap(key => [key, 0])]),
    fc.tuple(fc.constant('DOMException'), fc.string(), fc.string()),
    fc.tuple(fc.constantFrom('Uint8Array', 'ArrayBuffer', 'DataView', 'Buffer'), fc.base64String({ maxLength: 120 })),
    fc.tuple(fc.constant('Sparse'), fc.nat(2 ** 23)),
    fc.nat(700).map(many => ['Sparse', 2 ** 20, ...Array.from({ length: many }, (_, n) => [n * 80, 0]).flat()]),
    fc.nat(9_000).map(many => ['URLSearchParams', 'a&'.repeat(many)]),
    fc.constantFrom<unknown[]>(
      ['Map'], ['Set'], ['Date', 1], ['Error', [], {}, {}], ['Error', [], { stack: '' }, { 1022: 0 }]
    )
  )

  it('never exceeds the length of the message, whatever it holds', () => {
    fc.assert(fc.property(fc.array(entry, { minLength: 1, maxLength: 40 }), entries => {
      const text = JSON.stringify([0, ...entries])
      const budget = new WorkBudget()
      try {
        decodeTable(text, undefined, budget)
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedValue)
        return
      }
      expect(budget.claimed).toBeLessThanOrEqual(text.length + ALLOWANCE)
    }), { numRuns: 200 })
  })

  it.each<[string, unknown]>([
    ['Maps', ['Map']], ['Sets', ['Set']], ['Dates', ['Date', 1]], ['Buffers', ['Buffer', 'AA']],
    ['typed arrays', ['Int8Array', 'AA']], ['memory', ['ArrayBuffer', 'AA']], ['views', ['DataView', 'AA']],
    ['URLs', ['URL', 'http://a/']], ['parameters', ['URLSearchParams', 'a']], ['RegExps', ['RegExp', 'a', '']],
    ['DOMExceptions', ['DOMException', '', '']], ['lists of holes', ['Sparse', 100]], ['errors', ['Error', [], {}, {}]],
    ['errors with a stack', ['Error', [], { stack: '' }, {}]],
    ['errors of a field named by a number', ['Error', [], {}, { 1: 0 }]]
  ])('counts each of many %s', (_what, entry) => {
    const claimed = (many: number): number => {
      const budget = new WorkBudget()
      const table = [0, ...Array<unknown>(many).fill(entry), { padding: 'x'.repeat(200 * many) }]
      decodeTable(JSON.stringify(table), undefined, budget)
      return budget.claimed
    }
    expect(claimed(1)).toBeGreaterThanOrEqual(20)
    expect(claimed(1_000)).toBeCloseTo(1_000 * claimed(1))
  })

  it('grows linearly with the number of objects', () => {
    const claimed = (many: number): number => {
      const budget = new WorkBudget()
      // Its base is more than the entry itself, without references to it, covers.
      const table = [0, ...Array<unknown>(many).fill(['RegExp', '(a)\\1', '']), { padding: 'x'.repeat(50 * many) }]
      decodeTable(JSON.stringify(table), undefined, budget)
      return budget.claimed
    }
    expect(claimed(1_000)).toBeCloseTo(10 * claimed(100))
  })

  it('is negligible for ordinary RegExps and keys', () => {
    for (const { source, flags } of [/^[\w.+-]+@[\w-]+\.[a-z]{2,}$/iu, /(['"])(.*?)\1/g, /^\p{Lu}[\p{L}\p{M}' -]*$/u]) {
      expect(regExpWork(source, flags)).toBeLessThan(ALLOWANCE)
    }
    const keys: unknown[][] = [
      Array.from({ length: 5_000 }, (_, n) => n), Array.from({ length: 5_000 }, (_, n) => 1.7e12 + n * 1_000),
      Array.from({ length: 5_000 }, (_, n) => n * 4_096), Array.from({ length: 5_000 }, (_, n) => n / 4),
      Array.from({ length: 5_000 }, (_, n) => BigInt(n) * 10n ** 18n), Array.from({ length: 5_000 }, (_, n) => -n)
    ]
    for (const each of keys) expect(keyWork(each, each.length)).toBeLessThan(each.length)
  })
})

describe('a value that is too slow to decode', () => {
  const message = expect.stringContaining('takes far longer to make than to read') as unknown

  it.each<[string, unknown, string]>([
    ['RegExp', { pattern: new RegExp('\\p{RGI_Emoji}', 'iv') }, 'pattern is a RegExp'],
    ['URL', { links: [new URL(`http://${'é'.repeat(1_500)}`)] }, 'links[0] is a URL'],
    ['Set', { ids: new Set(collidingBigInts(3_000)) }, 'ids is a Set'],
    ['Map', { ids: new Map(collidingNumbers(2_000).map(key => [key, 1])) }, 'ids is a Map']
  ])('is refused at the sender by its path when it is a %s', (_what, value, path) => {
    expect(() => encodeValue(value)).toThrow(expect.objectContaining({ name: 'UnsendableValue', message }))
    expect(() => encodeValue(value)).toThrow(path)
  })

  it('is left out of errors and optional parts', () => {
    const pattern = new RegExp('\\p{RGI_Emoji}', 'v')
    const error = decodeTable(encodeTable(Object.assign(new Error('no'), { pattern, n: 1 }))) as Error
    expect({ ...error }).toEqual({ n: 1 })
    expect(decodeTable(encodeTable({ context: { pattern, n: 1n } }, { leavesOut: () => true })))
      .toEqual({ context: { n: 1n } })
  })

  it('never includes one that its sender accepted', () => {
    const pattern = fc.nat(12).map(many => new RegExp(`a${'\\p{L}'.repeat(many)}`, 'u'))
    const keys = fc.nat(600).map(many => new Set(collidingBigInts(many)))
    const link = fc.nat(1_200).map(many => new URL(`http://a${'é'.repeat(many)}/`))
    fc.assert(fc.property(fc.array(fc.oneof(pattern, keys, link), { maxLength: 8 }), value => {
      let text: string
      try {
        text = encodeTable(value)
      } catch (error) {
        expect(error).toMatchObject({ name: 'UnsendableValue' })
        return
      }
      expect(decodeTable(text)).toEqual(value)
    }), { numRuns: 60 })
  })

  it.each<[string, (n: number) => object]>([
    ['Maps', () => new Map()], ['Sets', () => new Set()], ['Dates', () => new Date(1)],
    ['Buffers', () => Buffer.alloc(1)],
    ['typed arrays', () => new Int16Array(1)], ['long typed arrays', () => new Int16Array(40)],
    ['memory', () => new ArrayBuffer(1)], ['views', () => new DataView(new ArrayBuffer(1))],
    ['URLs', () => new URL('http://a/')], ['parameters', () => new URLSearchParams('a&b&c d')],
    ['RegExps', n => new RegExp(`a${n}`)], ['DOMExceptions', () => new DOMException('a', 'b')],
    ['errors', () => new Error('a')], ['errors of numbers', n => Object.assign(new Error('a'), { [n]: n })],
    ['lists of holes', () => Array<unknown>(65)],
    ['lists of far items', n => Object.assign(Array<unknown>(1_000), { [n]: 1 })]
  ])('is never one of many %s that the sender accepted', (_what, make) => {
    for (const many of [1, 100, 500, 1_000, 2_000]) {
      const value = Array.from({ length: many }, (_, n) => make(n % 500))
      for (const options of [{}, { stacks: true }]) {
        let encoded
        try {
          encoded = encodeValue(value, options)
        } catch (error) {
          expect(error).toMatchObject({ name: 'UnsendableValue', message })
          continue
        }
        expect(decodeValue(encoded).value).toHaveLength(many)
      }
    }
  })

  it('does not include arrays with holes, which are walked by their items', () => {
    let steps = 0
    const count = <T>(done: T): T => { steps++; return done }
    const items: unknown[] = []
    items[2 ** 22] = 'last'
    const watched = new Proxy(items, {
      get: (target, key, receiver) => count(Reflect.get(target, key, receiver) as unknown),
      has: (target, key) => count(Reflect.has(target, key)),
      getOwnPropertyDescriptor: (target, key) => count(Reflect.getOwnPropertyDescriptor(target, key))
    })
    expect(decodeTable(encodeTable(watched))).toEqual(items)
    expect(steps).toBeLessThan(30)
  })
})
