import fc from 'fast-check'
import { encodeValue } from '../../../lib/transport/values/encode-value'
import { keyWork } from '../../../lib/transport/values/codecs/key-work'
import { MalformedValue } from '../../../lib/transport/values/errors'
import { regExpWork } from '../../../lib/transport/values/codecs/regexps'
import { WorkBudget } from '../../../lib/transport/values/work-budget'
import { decodeTable, encodeTable } from './table'

/** What comes with a call whatever its length is. */
const ALLOWANCE = 2 ** 13

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
  ['a RegExp of sets of texts', ['RegExp', '\\p{RGI_Emoji}', 'v']],
  ['a RegExp of many sets of texts, without case', ['RegExp', '\\p{RGI_Emoji}'.repeat(100), 'iv']],
  ['a RegExp of classes', ['RegExp', '\\p{L}'.repeat(100), 'u']],
  ['a RegExp of classes that are not', ['RegExp', '[^\\P{Lu}]'.repeat(100), 'v']],
  ['a RegExp of classes, without case', ['RegExp', '[\\p{L}--\\p{Lu}]'.repeat(50), 'iv']],
  ['a RegExp of ranges, without case', ['RegExp', '[!-\u{1f600}]'.repeat(50), 'iv']],
  ['a RegExp of all but letters, without case', ['RegExp', '[\\W]'.repeat(50), 'iv']],
  ['a RegExp of references out of groups', ['RegExp', `${'('.repeat(900)}${'\\9'.repeat(900)}${')'.repeat(900)}`, '']],
  ['a RegExp of names', ['RegExp', `(?<a>${'('.repeat(900)}${'\\k<a>'.repeat(900)}${')'.repeat(900)})`, '']],
  ['a URL of letters', ['URL', `http://${'漢字'.repeat(9_000)}`]],
  ['a URL of one letter', ['URL', 'http://\u00e9']],
  ['a URL of punycode', ['URL', `http://xn--${'a'.repeat(5_000)}-${'a'.repeat(5_000)}`]],
  ['a URL of hidden punycode', ['URL', `http://x\tn--${'a'.repeat(5_000)}`]],
  ['a URL of escaped punycode', ['URL', `http://%78n--${'a'.repeat(5_000)}`]],
  ['a URL of capitals', ['URL', `HTTP://XN--${'a'.repeat(5_000)}`]],
  ['a URL of back slashes', ['URL', `http:\\\\xn--${'a'.repeat(5_000)}`]],
  ['a URL without slashes', ['URL', `http:xn--${'a'.repeat(5_000)}`]],
  ['a Set of BigInts', ['Set', ...collidingBigInts(3_000).map(bigSlot)]],
  ['a Set of negative BigInts', ['Set', ...collidingBigInts(3_000).map(value => bigSlot(-value))]],
  ['a Map of BigInts', ['Map', ...collidingBigInts(3_000).flatMap(value => [bigSlot(value), 0])]],
  ['a Set of numbers', ['Set', ...collidingNumbers(2_000)]],
  ['a Map of numbers', ['Map', ...collidingNumbers(2_000).flatMap(value => [value, 0])]]
]

describe('a message of few characters', () => {
  it.each(COSTLY)('is refused before anything is made of it: %s', (_what, entry) => {
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

  it('is refused when it holds many that cost little each', () => {
    for (const entry of [['DOMException', '', ''], ['URL', 'a:'], ['Int8Array', '']]) {
      expect(() => decodeTable(JSON.stringify([0, ...Array<unknown>(10_000).fill(entry)]))).toThrow(MalformedValue)
    }
  })

  it('takes the trace of no error', () => {
    const limit = Error.stackTraceLimit
    expect((decode(['Error', ['TypeError'], { message: 'a' }, {}]) as Error).stack).toBe('TypeError: a')
    expect(Error.stackTraceLimit).toBe(limit)
  })

  it('gives all errors of one class one prototype for their remote stacks', () => {
    const entry = ['Error', ['TypeError'], { stack: 'there' }, {}]
    const [one, other] = decodeTable(JSON.stringify([[1], ['Array', [2], [3]], entry, entry])) as Error[]
    expect(Object.getPrototypeOf(one)).toBe(Object.getPrototypeOf(other))
    expect([(one as { remoteStack?: string }).remoteStack, one instanceof TypeError]).toEqual(['there', true])
    expect(Object.getOwnPropertyNames(one)).not.toContain('remoteStack')
  })

  it('takes no room for numbers below those that are names of fields', () => {
    const before = process.memoryUsage().heapUsed
    const error = ['Error', ['TypeError', 'Error'], { name: 'TypeError', message: 'a' }, { 1022: 0 }]
    const value = decodeTable(JSON.stringify([[1], ['Array', ...Array.from({ length: 2_000 }, (_, n) => [n + 2])],
      ...Array<unknown>(2_000).fill(error)]))
    const text = encodeTable([value, Array.from({ length: 2_000 }, () => ({ 1022: undefined }))])
    expect(text).toContain('{"1022":["undefined"]}')
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(2 ** 24)
  })
})

describe('the work of a message', () => {
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
    fc.base64String({ maxLength: 40 }).map(bytes => ['Uint8Array', bytes]),
    fc.tuple(fc.constant('Sparse'), fc.nat(2 ** 23))
  )

  it('never is more than its length, whatever it is made of', () => {
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

  it('grows with the number of objects by as much as each adds', () => {
    const claimed = (many: number): number => {
      const budget = new WorkBudget()
      decodeTable(JSON.stringify([0, ...Array<unknown>(many).fill(['RegExp', '(a)\\1', ''])]), undefined, budget)
      return budget.claimed
    }
    expect(claimed(1_000)).toBeCloseTo(10 * claimed(100))
  })

  it('of ordinary RegExps and keys is nothing beside their length', () => {
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

describe('what would cost its reader too much', () => {
  const message = expect.stringContaining('takes far longer to make than to read') as unknown

  it.each<[string, unknown, string]>([
    ['RegExp', { pattern: new RegExp('\\p{RGI_Emoji}', 'iv') }, 'pattern is a RegExp'],
    ['URL', { links: [new URL(`http://${'é'.repeat(1_500)}`)] }, 'links[0] is a URL'],
    ['Set', { ids: new Set(collidingBigInts(3_000)) }, 'ids is a Set'],
    ['Map', { ids: new Map(collidingNumbers(2_000).map(key => [key, 1])) }, 'ids is a Map']
  ])('is refused where it is sent, by its path: %s', (_what, value, path) => {
    expect(() => encodeValue(value)).toThrow(expect.objectContaining({ name: 'UnsendableValue', message }))
    expect(() => encodeValue(value)).toThrow(path)
  })

  it('is left out of errors, and where it may be', () => {
    const pattern = new RegExp('\\p{RGI_Emoji}', 'v')
    const error = decodeTable(encodeTable(Object.assign(new Error('no'), { pattern, n: 1 }))) as Error
    expect({ ...error }).toEqual({ n: 1 })
    expect(decodeTable(encodeTable({ context: { pattern, n: 1n } }, { leavesOut: () => true })))
      .toEqual({ context: { n: 1n } })
  })

  it('is taken by its reader wherever its sender lets it go', () => {
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

  it('is no array with holes: it is walked by its items', () => {
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
