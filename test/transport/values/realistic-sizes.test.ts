import { isDeepStrictEqual } from 'node:util'
import { BadRequest } from '@feathersjs/errors'
import { decodeValue } from '../../../lib/transport/values/decode-value'
import { encodeValue } from '../../../lib/transport/values/encode-value'

const many = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n))

const TIME = 1_700_000_000_000

/** What programs send, as large as it may well be. Each has work to be counted for it, and none may be refused. */
const VALUES: ReadonlyArray<readonly [string, () => object]> = [
  ['10,000 Dates', () => many(10_000, n => new Date(TIME + n))],
  ['5,000 Maps of three entries', () => many(5_000, n => new Map([['a', n], ['b', n], ['c', n]]))],
  ['5,000 Sets of three texts', () => many(5_000, n => new Set(['read', 'write', `own${n}`]))],
  ['5,000 rows with an empty Set each', () => many(5_000, n => ({ id: n, title: 'a', roles: new Set() }))],
  ['5,000 Buffers of a dozen bytes', () => many(5_000, n => Buffer.alloc(12, n))],
  ['5,000 vectors of three numbers', () => many(5_000, n => Float64Array.of(n, n / 3, -n))],
  ['1,000 vectors of 768 numbers', () => many(1_000, n => new Float32Array(768).fill(n / 7))],
  ['1,000 pieces of memory', () => many(1_000, n => new Uint8Array(20).fill(n).buffer)],
  ['2,000 errors of validation', () => many(2_000, n => new BadRequest('title must be a string', {
    errors: [{ path: `${n}.title`, constraints: { isString: 'title must be a string' } }]
  }))],
  ['2,000 outcomes of which some failed', () => many(2_000, n => n % 3 === 0
    ? { status: 'rejected', reason: new Error(`no todo ${n}`) }
    : { status: 'fulfilled', value: n })],
  ['100 calls that were aborted', () => many(100, () => new DOMException('This operation was aborted', 'AbortError'))],
  ['5,000 URLs', () => many(5_000, n => new URL(`http://localhost/todos/${n}`))],
  ['2,000 queries', () => many(2_000, n => new URLSearchParams({ title: `the todo ${n}`, done: 'true' }))],
  ['500 RegExps', () => many(500, n => new RegExp(`^todo-${n}(\\w+)$`, 'i'))],
  ['a list of 20,000 rows of five fields', () => many(20_000, n =>
    ({ id: n, title: `todo ${n}`, done: n % 2 === 0, due: undefined, price: n / 4 }))],
  ['5,000 rows with a Date and a BigInt each', () => many(5_000, n => ({ id: BigInt(n), at: new Date(TIME + n), n }))],
  ['100,000 numbers beside a Date', () => ({ at: new Date(TIME), numbers: many(100_000, n => n / 7) })],
  ['a Map of 20,000 rows by their ids', () => new Map(many(20_000, n => [n * 17, { id: n, title: 'a' }]))],
  ['a Set of 50,000 ids', () => new Set(many(50_000, n => 100_000 + n))],
  ['an object of 5,000 counts by ids, beside a Date', () => ({
    at: new Date(TIME), counts: Object.fromEntries(many(5_000, n => [100_000 + n * 37, n]))
  })],
  ['a list of 5,000 numbers without two', () => many(5_000, n => n / 2).filter(() => true).map((value, n, list) => {
    if (n === 7 || n === 4_000) Reflect.deleteProperty(list, n)
    return value
  })],
  ['a list of few items far from each other', () => Object.assign(Array<unknown>(100_000),
    Object.fromEntries(many(500, n => [n * 200, { id: n }])))]
]

describe('a value of realistic size', () => {
  it.each(VALUES)('arrives when it is %s', (_what, make) => {
    const value = make()
    // Jest would take seconds for this.
    expect(isDeepStrictEqual(decodeValue(encodeValue(value)).value, value)).toBe(true)
  })
})
