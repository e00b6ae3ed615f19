import { Readable } from 'node:stream'
import { runInNewContext } from 'node:vm'
import { encodeValue, type EncodeOptions } from '../../../lib/transport/values/encode-value'
import { decodeTable, encodeTable } from './table'

/** A value as the other side of a wire gets it. */
const carried = (value: unknown, options?: EncodeOptions): unknown => decodeTable(encodeTable(value, options))

describe('a value that cannot be sent', () => {
  class Job {
    readonly #secret = 1
    run (): number { return this.#secret }
    readonly onDone = (): void => {}
  }
  const circle: Record<string, unknown> = { deep: [{}] }
  circle.self = circle

  it.each<[unknown, string]>([
    [{ callback: () => {} }, 'callback is a function'],
    [{ data: [1, { 'my key': Symbol('s') }] }, 'data[1]["my key"] is a symbol'],
    [{ params: { query: { when: class {} } } }, 'params.query.when is a function'],
    [{ file: Readable.from([]) }, 'file is a stream'],
    [[process.stdout], '[0] is a stream'],
    [{ later: Promise.resolve() }, 'later is a Promise'],
    [{ cache: new WeakMap() }, 'cache is a WeakMap'],
    [{ stop: new AbortController().signal }, 'stop is an AbortSignal'],
    [{ memory: new SharedArrayBuffer(1) }, 'memory is a SharedArrayBuffer'],
    [{ body: new ReadableStream() }, 'body is a ReadableStream'],
    [{ job: new Job() }, 'job.onDone is a function'],
    [new Map([['a', () => {}]]), '[0] is a function'],
    [{ ...circle, set: new Set([Object(Symbol('s'))]) }, 'set[0] is a symbol'],
    [{ list: Object.assign([], { length: 2 ** 30 }) }, `list is an array with holes and a length of ${2 ** 30}`]
  ])('is named with its path: %#', (value, message) => {
    expect(() => encodeValue(value)).toThrow(expect.objectContaining({ name: 'UnsendableValue', message }))
    expect(() => encodeValue(value)).toThrow(TypeError)
  })

  it('is named under the name of the whole, if that has one', () => {
    expect(() => encodeValue([{ f: () => {} }], { root: 'result' })).toThrow('result[0].f is a function')
    expect(() => encodeValue(() => {}, { root: 'result' })).toThrow('result is a function')
  })

  it('is left out where it may be, and in errors always', () => {
    const leavesOut = (path: string): boolean => path.startsWith('context.')
    expect(carried({ context: { params: { transaction: () => {}, list: [() => {}, 1n] } } }, { leavesOut }))
      .toEqual({ context: { params: { list: [null, 1n] } } })
    const error = Object.assign(new Error('no'), { request: Readable.from([]), config: { retry: () => {}, n: 1n } })
    expect({ ...carried(error) as Error }).toEqual({ config: { n: 1n } })
  })
})

describe('what says itself what JSON makes of it', () => {
  class ObjectId {
    constructor (private readonly hex: string) {}
    toJSON (): string { return this.hex }
  }

  it('travels so, as it would in JSON', () => {
    expect(carried({ _id: new ObjectId('abc'), n: 1n })).toEqual({ _id: 'abc', n: 1n })
    expect(encodeValue({ _id: new ObjectId('abc') }).plain).toBe(false)
  })

  it('is asked once for each object, and stays shared', () => {
    let asked = 0
    const document = { toJSON: () => ({ n: ++asked, self: document }) }
    const [first, second] = carried([document, document]) as Array<{ n: number, self: unknown }>
    expect(first).toBe(second)
    expect(first).toMatchObject({ n: 1 })
    expect(first?.self).toBe(first)
  })

  it('may be one of those that know more than their JSON', () => {
    const at = new Date(0)
    expect(carried([at, Buffer.from('x'), new URL('http://a/')])).toEqual([at, Buffer.from('x'), new URL('http://a/')])
  })

  it('may go on for ever, which ends', () => {
    const endless = (): object => ({ toJSON: () => ({ next: endless() }) })
    expect(() => encodeTable(endless())).toThrow(RangeError)
  })
})

describe('an object', () => {
  it('of a class travels as its own fields', () => {
    class Point { readonly x = 1; private readonly y = 2n; get sum (): bigint { return BigInt(this.x) + this.y } }
    expect(carried(new Point())).toEqual({ x: 1, y: 2n })
    class Plain { readonly x = 1 }
    expect(encodeValue(new Plain())).toEqual({ plain: true, text: '{"x":1}' })
  })

  it('without a prototype, or of another realm, is a plain one', () => {
    const bare = Object.assign(Object.create(null) as object, { a: 1 })
    expect(encodeValue(bare)).toEqual({ plain: true, text: '{"a":1}' })
    expect(encodeValue(runInNewContext('({ a: [1] })'))).toEqual({ plain: true, text: '{"a":[1]}' })
    expect(carried(runInNewContext('[new Date(0), new Map([[1, /x/g]]), new TypeError("t")]')))
      .toEqual([new Date(0), new Map([[1, /x/g]]), new TypeError('t')])
  })

  it('that wraps a primitive is that primitive', () => {
    expect(carried([Object(1), Object('a'), Object(false), Object(1n)])).toEqual([1, 'a', false, 1n])
  })

  it('gives the bytes that it shows, and none of the memory behind them', () => {
    const memory = Buffer.from('a secret, b')
    expect(encodeTable(memory.subarray(-1))).toContain('"Yg=="')
    expect(encodeTable(new Uint8Array(memory.buffer, memory.byteOffset + 10, 1))).toContain('"Yg=="')
  })

  it('that is deep travels, however deep', () => {
    let deep: unknown[] = []
    for (let n = 0; n < 1e5; n++) deep = [deep]
    let value = carried(deep) as unknown[]
    for (let n = 0; n < 1e5; n++) value = value[0] as unknown[]
    expect(value).toEqual([])
  })
})
