import { BadRequest } from '@feathersjs/errors'
import fc from 'fast-check'
import { jsonText, Unfolding } from '../../../lib/transport/values/json-text'
import { anyValue } from './any-value'

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
    ['bytes in many places', () => Array<unknown>(2_000).fill(new Uint8Array(10_000))],
    ['wide numbers in many places', () => Array<unknown>(500).fill(new Float64Array(10_000))],
    ['a Buffer in many places', () => Array<unknown>(5_000).fill(Buffer.alloc(10_000))],
    ['a URL in many places', () => Array<unknown>(10_000).fill(new URL(`http://a/${'x'.repeat(2_000)}`))],
    ['a boxed string in many places', () => Array<unknown>(100).fill(Object('x'.repeat(100_000)))],
    ['an object with a toJSON method in many places', () => {
      return Array<unknown>(100).fill({ toJSON: () => ({ text: 'x'.repeat(100_000) }) })
    }],
    ['an object whose toJSON method returns itself in many places', () => {
      return Array<unknown>(100).fill({ text: 'x'.repeat(100_000), toJSON () { return this } })
    }],
    ['characters to escape in many places', () => Array<unknown>(100).fill({ text: '\u0001'.repeat(10_000) })],
    ['more bytes than anybody reads as fields', () => new Uint8Array(4_000_000)],
    ['endless toJSON methods', () => {
      const endless = (): object => ({ toJSON: () => ({ next: endless() }) })
      return endless()
    }],
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
    ['a Buffer of a megabyte', { result: Buffer.alloc(2 ** 20, 255) }],
    ['a Uint8Array of a megabyte', { result: new Uint8Array(2 ** 20).fill(255) }],
    ['Dates, each its own', Array.from({ length: 10_000 }, (_, n) => new Date(n))],
    ['documents with a toJSON method', Array.from({ length: 1_000 }, (_, n) => {
      return { toJSON: () => ({ text: 'x'.repeat(10_000), n }) }
    })],
    ['memory without a view', [new ArrayBuffer(9), new DataView(new ArrayBuffer(9))]],
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

  it('is never longer than the estimate, whatever the value and however it shares its objects', () => {
    fc.assert(fc.property(anyValue, anyValue, fc.nat(20), (one, other, repeats) => {
      const fill = (each: unknown): unknown[] => Array<unknown>(repeats).fill(each)
      const value = { one, other, many: [...fill(one), ...fill({ other })] }
      let text: string
      try {
        text = JSON.stringify(value)
      } catch {
        return // A BigInt, or a circular reference.
      }
      expect(new Unfolding(value).length).toBeGreaterThanOrEqual(text.length)
    }), { numRuns: 500 })
  })

  it('asks each toJSON method once before it is written, and leaves what that throws to JSON.stringify', () => {
    let calls = 0
    const shared = { toJSON: () => { calls++; return { a: 1 } } }
    jsonText(Array<unknown>(100).fill(shared))
    expect(calls).toBe(101)
    expect(() => jsonText([{ toJSON () { throw new TypeError('not this one') } }])).toThrow('not this one')
  })
})
