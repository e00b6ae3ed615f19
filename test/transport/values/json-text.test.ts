import { BadRequest } from '@feathersjs/errors'
import { jsonText } from '../../../lib/transport/values/json-text'

/** A few hundred bytes in the table, more JSON than there is room for. */
function manyWays (levels: number, leaf: unknown = 1): unknown {
  let value: unknown = leaf
  for (let level = 0; level < levels; level++) value = { a: value, b: [value] }
  return value
}

describe('JSON of a value with shared objects', () => {
  it.each<[string, () => unknown]>([
    ['ways that double', () => manyWays(40, {})], ['that double in lists', () => [manyWays(200, {})]],
    ['a long text in many places', () => Array<unknown>(100).fill({ text: 'x'.repeat(100_000) })],
    ['a list in many lists', () => Array<unknown>(10_000).fill(Array.from({ length: 1_000 }, (_, n) => n))],
    ['millions of holes', () => ({ list: Object.assign([], { [2 ** 23 - 1]: 1 }) })],
    ['an error in many places', () => {
      let error: unknown = {}
      for (let level = 0; level < 50; level++) error = Object.assign(new Error('no'), { first: error, second: error })
      return error
    }],
    ['the data of an error of Feathers', () => [new BadRequest('no', { graph: manyWays(40, {}) })]],
    ['its errors', () => new BadRequest('no', { errors: { graph: manyWays(40, {}) } })],
    ['its data, hidden', () => Object.defineProperty(new BadRequest('no'), 'data', { value: manyWays(40, {}) })]
  ])('is refused before it is written, if it were far longer than they are: %s', (_what, make) => {
    expect(() => jsonText(make())).toThrow(RangeError)
  })

  it.each<[string, unknown]>([
    ['nothing', undefined], ['null', null], ['a text', 'a'], ['a number', 1], ['a list', [1, [2, {}]]],
    ['an object in a thousand places', Array<unknown>(1_000).fill({ name: 'someone', roles: ['a', 'b'] })],
    ['a Date, bytes', [new Date(0), Buffer.from('ab'), new Uint8Array(3)]],
    ['an error of Feathers', new BadRequest('no', { why: 'not', errors: { name: 'long' } })],
    ['an error', Object.assign(new Error('x'), { code: 1 })],
    ['what says itself what it is', { toJSON: () => ({ said: true }) }], ['few ways', manyWays(5, {})],
    ['a hole', [1, , 2]], // eslint-disable-line no-sparse-arrays
    ['fields that are undefined', { a: undefined, b: [undefined] }]
  ])('is that of JSON.stringify else: %s', (_what, value) => {
    expect(jsonText(value)).toBe(JSON.stringify(value))
  })

  it('looks at each object once, however many ways lead to it', () => {
    let looks = 0
    const watch = (object: object): object => new Proxy(object, {
      ownKeys: target => { looks++; return Reflect.ownKeys(target) }
    })
    let value = watch({})
    for (let level = 0; level < 100; level++) value = watch({ first: value, second: value })
    expect(() => jsonText(value)).toThrow(RangeError)
    expect(looks).toBeLessThan(101 * 3)
  })

  it('that holds itself is refused as by JSON.stringify, with any number of ways to get there', () => {
    const circle: Record<string, unknown> = {}
    circle.self = circle
    expect(() => jsonText(circle)).toThrow(TypeError)
    circle.many = manyWays(60, { circle })
    expect(() => jsonText({ first: manyWays(60, {}), circle })).toThrow(RangeError)
    expect(() => jsonText(manyWays(60, circle))).toThrow()
  })

  it('may be of any depth that JSON has', () => {
    let deep: unknown = 0
    for (let level = 0; level < 1_000; level++) deep = [deep]
    expect(jsonText(deep)).toBe(JSON.stringify(deep))
    for (let level = 0; level < 100_000; level++) deep = [deep]
    expect(() => jsonText(deep)).toThrow(RangeError)
  })
})
