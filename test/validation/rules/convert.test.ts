import { Type } from 'class-transformer'
import { MAX_TEXT_BITS, MAX_TEXT_ITEMS } from '../../../lib/validation/convert'
import { Instantiation, instantiate } from '../../../lib/validation/instantiate'
import { check, faultsOf } from './graph'

class Converted {
  @Type(() => String) text?: unknown
  @Type(() => Number) number?: unknown
  @Type(() => Date) date?: unknown
  @Type(() => Boolean) flag?: unknown
  @Type(() => Buffer) bytes?: unknown
}

const fault = (end: string): object => [{ constraints: { isInstance: expect.stringMatching(end) as unknown } }]

describe('a conversion', () => {
  it('makes no text of a BigInt whose digits take long to write, and one of any other', async () => {
    const largest = 2n ** BigInt(MAX_TEXT_BITS) - 1n
    for (const text of [largest, -largest, 7n]) {
      expect(instantiate(Converted, { text }).text).toBe(text.toString())
    }
    for (const text of [largest + 1n, -largest - 1n, Object(largest + 1n) as object]) {
      expect(await faultsOf(Converted, { text })).toMatchObject(fault('a BigInt of more than .* send it as a text$'))
    }
    const huge = 1n << 4_000_000n
    expect(await faultsOf(Converted, { text: [1n, huge] })).toHaveLength(1)
    expect(await check(Converted, { number: huge, flag: huge })).toMatchObject({ number: Infinity, flag: true })
  })

  it('makes nothing of a long typed array whose items are written one by one', async () => {
    const list = new Float64Array(MAX_TEXT_ITEMS + 1)
    for (const name of ['text', 'number', 'date']) {
      expect(await faultsOf(Converted, { [name]: list })).toMatchObject(fault('send a list$'))
    }
    expect(await check(Converted, { flag: list, text: Buffer.alloc(100_000, 'a') })).toMatchObject({ flag: true })
    expect(instantiate(Converted, { text: new Uint8Array([1, 2]) }).text).toBe('1,2')
  })

  it('makes a Buffer of a list of numbers only: 90 bytes stand for millions of holes, or of lists', async () => {
    const holes: unknown[] = []
    holes[2 ** 23 - 1] = 1
    let reads = 0
    const get = (target: object, key: PropertyKey): unknown => { reads++; return Reflect.get(target, key) }
    const data = new Proxy(holes, { get })
    expect(await faultsOf(Converted, { bytes: { type: 'Buffer', data } })).toMatchObject(fault('has holes$'))
    expect(reads).toBeLessThan(100)
    let list: unknown = [1]
    for (let level = 0; level < 100; level++) list = [list, list]
    for (const item of [list, '1', null]) {
      expect(await faultsOf(Converted, { bytes: { type: 'Buffer', data: [1, item] } }))
        .toMatchObject(fault('a list with other items than numbers is no Buffer$'))
    }
  })

  it('makes one Buffer of a list of bytes, however many objects refer to it', () => {
    const data = [1, 2, 3]
    const { bytes } = instantiate(Converted, { bytes: [{ type: 'Buffer', data }, { type: 'Buffer', data }] })
    const [one, other] = bytes as Buffer[]
    expect(one).toEqual(Buffer.from(data))
    expect(other).toBe(one)
  })

  it.each<[string, () => unknown]>([
    ['long BigInts', () => 2n ** 4_096n], ['typed arrays', () => new Uint8Array(1_000)]
  ])('leaves others a turn in a list of %s, and counts what is shared once', (_what, make) => {
    const making = new Instantiation()
    making.root({ text: Array.from({ length: 200 }, make) }, Converted)
    let steps = 0
    while (!making.advance(2_000)) steps++
    expect(steps).toBeGreaterThan(4)
    const array = new Uint8Array(1_000)
    const shared = new Instantiation()
    shared.root({ text: Array.from({ length: 1_000 }, () => array) }, Converted)
    shared.finish()
    expect(shared.size).toBeLessThan(5_000)
  })
})
