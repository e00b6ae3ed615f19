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
  ])('causes an error that names its path (row %#)', (value, message) => {
    expect(() => encodeValue(value)).toThrow(expect.objectContaining({ name: 'UnsendableValue', message }))
    expect(() => encodeValue(value)).toThrow(TypeError)
  })

  it('causes an error with the name of the root value when it has one', () => {
    expect(() => encodeValue([{ f: () => {} }], { root: 'result' })).toThrow('result[0].f is a function')
    expect(() => encodeValue(() => {}, { root: 'result' })).toThrow('result is a function')
  })

  it('is left out of optional parts and of errors', () => {
    const leavesOut = (path: string): boolean => path.startsWith('context.')
    expect(carried({ context: { params: { transaction: () => {}, list: [() => {}, 1n] } } }, { leavesOut }))
      .toEqual({ context: { params: { list: [null, 1n] } } })
    const error = Object.assign(new Error('no'), { request: Readable.from([]), config: { retry: () => {}, n: 1n } })
    expect({ ...carried(error) as Error }).toEqual({ config: { n: 1n } })
  })
})

describe('an object with a toJSON method', () => {
  class ObjectId {
    constructor (private readonly hex: string) {}
    toJSON (): string { return this.hex }
  }

  it('travels as its JSON', () => {
    expect(carried({ _id: new ObjectId('abc'), n: 1n })).toEqual({ _id: 'abc', n: 1n })
    expect(encodeValue({ _id: new ObjectId('abc') }).plain).toBe(false)
  })

  it('is converted once, and stays a shared object', () => {
    let asked = 0
    const document = { toJSON: () => ({ n: ++asked, self: document }) }
    const [first, second] = carried([document, document]) as Array<{ n: number, self: unknown }>
    expect(first).toBe(second)
    expect(first).toMatchObject({ n: 1 })
    expect(first?.self).toBe(first)
  })

  it('travels as itself when its type is supported, like a Date', () => {
    const at = new Date(0)
    expect(carried([at, Buffer.from('x'), new URL('http://a/')])).toEqual([at, Buffer.from('x'), new URL('http://a/')])
  })

  it('throws a RangeError when its JSON never ends', () => {
    const endless = (): object => ({ toJSON: () => ({ next: endless() }) })
    expect(() => encodeTable(endless())).toThrow(RangeError)
  })
})

describe('an object on the wire', () => {
  it('travels as its own fields when it has a class', () => {
    class Point { readonly x = 1; private readonly y = 2n; get sum (): bigint { return BigInt(this.x) + this.y } }
    expect(carried(new Point())).toEqual({ x: 1, y: 2n })
    class Plain { readonly x = 1 }
    expect(encodeValue(new Plain())).toEqual({ plain: true, text: '{"x":1}' })
  })

  it('travels as a plain object when it has no prototype or comes from another realm', () => {
    const bare = Object.assign(Object.create(null) as object, { a: 1 })
    expect(encodeValue(bare)).toEqual({ plain: true, text: '{"a":1}' })
    expect(encodeValue(runInNewContext('({ a: [1] })'))).toEqual({ plain: true, text: '{"a":[1]}' })
    expect(carried(runInNewContext('[new Date(0), new Map([[1, /x/g]]), new TypeError("t")]')))
      .toEqual([new Date(0), new Map([[1, /x/g]]), new TypeError('t')])
  })

  it('travels as a primitive when it wraps one', () => {
    expect(carried([Object(1), Object('a'), Object(false), Object(1n)])).toEqual([1, 'a', false, 1n])
  })

  it('contains only the bytes that it shows, not the memory behind them', () => {
    const memory = Buffer.from('a secret, b')
    expect(encodeTable(memory.subarray(-1))).toContain('"Yg=="')
    expect(encodeTable(new Uint8Array(memory.buffer, memory.byteOffset + 10, 1))).toContain('"Yg=="')
  })

  it('may be nested to any depth', () => {
    let deep: unknown[] = []
    for (let n = 0; n < 1e5; n++) deep = [deep]
    let value = carried(deep) as unknown[]
    for (let n = 0; n < 1e5; n++) value = value[0] as unknown[]
    expect(value).toEqual([])
  })
})
