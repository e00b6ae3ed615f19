import { BadRequest } from '@feathersjs/errors'
import { jsonText } from '../../../lib/transport/values/json-text'

/** A few hundred bytes in the table, more JSON than there is room for. */
function manyWays (levels: number, leaf: unknown = 1): unknown {
  let value: unknown = leaf
  for (let level = 0; level < levels; level++) value = { a: value, b: [value] }
  return value
}

describe('the JSON text of a value with shared objects', () => {
  it.each<[string, () => unknown]>([
    ['references that double at each level', () => manyWays(40, {})],
    ['references that double in lists', () => [manyWays(200, {})]],
    ['a long string in many places', () => Array<unknown>(100).fill({ text: 'x'.repeat(100_000) })],
    ['a list in many lists', () => Array<unknown>(10_000).fill(Array.from({ length: 1_000 }, (_, n) => n))],
    ['millions of holes', () => ({ list: Object.assign([], { [2 ** 23 - 1]: 1 }) })],
    ['an error in many places', () => {
      let error: unknown = {}
      for (let level = 0; level < 50; level++) error = Object.assign(new Error('no'), { first: error, second: error })
      return error
    }],
    ['the data of an error of Feathers', () => [new BadRequest('no', { graph: manyWays(40, {}) })]],
    ['the errors of an error of Feathers', () => new BadRequest('no', { errors: { graph: manyWays(40, {}) } })],
    ['hidden data of an error', () => Object.defineProperty(new BadRequest('no'), 'data', { value: manyWays(40, {}) })]
  ])('is refused before it is written when it would be far too long for %s', (_what, make) => {
    expect(() => jsonText(make())).toThrow(RangeError)
  })

  it.each<[string, unknown]>([
    ['undefined', undefined], ['null', null], ['a string', 'a'], ['a number', 1], ['a list', [1, [2, {}]]],
    ['an object in a thousand places', Array<unknown>(1_000).fill({ name: 'someone', roles: ['a', 'b'] })],
    ['a Date and bytes', [new Date(0), Buffer.from('ab'), new Uint8Array(3)]],
    ['an error of Feathers', new BadRequest('no', { why: 'not', errors: { name: 'long' } })],
    ['an error', Object.assign(new Error('x'), { code: 1 })],
    ['an object with a toJSON method', { toJSON: () => ({ said: true }) }], ['few references', manyWays(5, {})],
    ['a hole', [1, , 2]], // eslint-disable-line no-sparse-arrays
    ['undefined fields', { a: undefined, b: [undefined] }]
  ])('equals that of JSON.stringify for %s', (_what, value) => {
    expect(jsonText(value)).toBe(JSON.stringify(value))
  })

  it('visits each object once, however many references lead to it', () => {
    let looks = 0
    const watch = (object: object): object => new Proxy(object, {
      ownKeys: target => { looks++; return Reflect.ownKeys(target) }
    })
    let value = watch({})
    for (let level = 0; level < 100; level++) value = watch({ first: value, second: value })
    expect(() => jsonText(value)).toThrow(RangeError)
    expect(looks).toBeLessThan(101 * 3)
  })

  it('is refused for circular references as by JSON.stringify, however many references lead there', () => {
    const circle: Record<string, unknown> = {}
    circle.self = circle
    expect(() => jsonText(circle)).toThrow(TypeError)
    circle.many = manyWays(60, { circle })
    expect(() => jsonText({ first: manyWays(60, {}), circle })).toThrow(RangeError)
    expect(() => jsonText(manyWays(60, circle))).toThrow()
  })

  it('may be as deep as JSON.stringify allows', () => {
    let deep: unknown = 0
    for (let level = 0; level < 1_000; level++) deep = [deep]
    expect(jsonText(deep)).toBe(JSON.stringify(deep))
    for (let level = 0; level < 100_000; level++) deep = [deep]
    expect(() => jsonText(deep)).toThrow(RangeError)
  })
})
