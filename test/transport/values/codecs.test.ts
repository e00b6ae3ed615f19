import assert from 'node:assert/strict'
import { decodeValue } from '../../../lib/transport/values/decode-value'
import { encodeValue } from '../../../lib/transport/values/encode-value'
import type { Codec } from '../../../lib/transport/values/codecs/codec'
import { CODECS } from '../../../lib/transport/values/codecs/codecs'
import { assertSame } from './same-value'

const bytes = Uint8Array.from({ length: 16 }, (_, n) => n * 7)

/** One value of each kind; a kind without one fails the test below. `same-value.ts` compares its contents. */
const EXAMPLES: Readonly<Record<string, object>> = {
  Array: ['a', undefined],
  Sparse: Object.assign(new Array<unknown>(5), { 3: 'b' }),
  Map: new Map([['a', 1]]),
  Set: new Set(['a']),
  Date: new Date(0),
  RegExp: /a/g,
  URL: new URL('http://localhost/a'),
  URLSearchParams: new URLSearchParams('a=1'),
  Error: new RangeError('too far'),
  DOMException: new DOMException('stopped', 'AbortError'),
  ArrayBuffer: bytes.buffer,
  Buffer: Buffer.from('ab'),
  DataView: new DataView(bytes.buffer),
  Int8Array: new Int8Array(bytes.buffer),
  Uint8Array: new Uint8Array(bytes.buffer),
  Uint8ClampedArray: new Uint8ClampedArray(bytes.buffer),
  Int16Array: new Int16Array(bytes.buffer),
  Uint16Array: new Uint16Array(bytes.buffer),
  Int32Array: new Int32Array(bytes.buffer),
  Uint32Array: new Uint32Array(bytes.buffer),
  Float32Array: new Float32Array(bytes.buffer),
  Float64Array: new Float64Array(bytes.buffer),
  BigInt64Array: new BigInt64Array(bytes.buffer),
  BigUint64Array: new BigUint64Array(bytes.buffer)
}

describe('the table of codecs', () => {
  it.each([...CODECS.keys()])('has a codec that recognizes, writes and reads %s', name => {
    const example = EXAMPLES[name]
    assert.ok(example, `EXAMPLES has no example of ${name}: add one`)
    const encoded = encodeValue(example)
    const [, entry] = JSON.parse(encoded.text) as [root: unknown, entry: unknown[]]
    expect(entry[0]).toBe(name)
    assertSame(decodeValue(encoded).value, example)
  })

  it('is the only place to which a new kind of value is added', () => {
    class Celsius {
      readonly [Symbol.toStringTag] = 'Celsius'
      constructor (readonly degrees: number) {}
    }
    const codec: Codec<Celsius> = {
      name: 'Celsius',
      is: value => value instanceof Celsius,
      write: ({ degrees }, entry) => { entry.push(degrees) },
      make: ([, degrees]) => new Celsius(Number(degrees))
    }
    CODECS.set(codec.name, codec)
    try {
      const { value } = decodeValue(encodeValue([new Celsius(20), { [Symbol.toStringTag]: 'Celsius' }]))
      expect(value).toEqual([new Celsius(20), {}])
      expect((value as object[])[0]).toBeInstanceOf(Celsius)
    } finally {
      CODECS.delete(codec.name)
    }
  })
})
