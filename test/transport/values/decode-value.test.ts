import { MalformedValue } from '../../../lib/transport/values/errors'
import { decodeTable } from './table'

/** What anybody may write in place of a value. */
const decode = (table: unknown): unknown => decodeTable(JSON.stringify(table))

describe('a hostile text', () => {
  it.each<[string, unknown]>([
    ['not a table', {}], ['an empty table', []], ['a number', 7], ['a table whose slot is an object', [{}]],
    ['a table with an empty slot', [[]]], ['a reference to itself', [[0]]], ['a reference to nothing', [[1]]],
    ['a negative reference', [[-1], {}]], ['a fractional reference', [[0.5], {}]],
    ['a reference by name', [['length'], {}]],
    ['an unknown word', [['constructor']]], ['an unknown kind', [[1], ['constructor']]],
    ['a kind named like an object member', [[1], ['__proto__']]], ['an entry without a kind', [[1], []]],
    ['an entry that is not an object', [[1], 7]], ['an entry of null', [[1], null]],
    ['a BigInt with letters', [['BigInt', 'many']]], ['an empty BigInt', [['BigInt', '']]],
    ['a BigInt without a value', [['BigInt']]],
    ['an invalid URL', [[1], ['URL', 'nowhere']]], ['a URL from a number', [[1], ['URL', 7]]],
    ['an invalid RegExp', [[1], ['RegExp', '(', '']]], ['a RegExp with invalid flags', [[1], ['RegExp', 'a', 'xx']]],
    ['a RegExp with deeply nested groups', [[1], ['RegExp', '('.repeat(1e6), '']]],
    ['a typed array with half a number', [[1], ['Float64Array', 'AAAA']]],
    ['a Buffer from a number', [[1], ['Buffer', 7]]],
    ['an array beyond the maximal length', [[1], ['Sparse', 2 ** 32]]],
    ['an array with a negative length', [[1], ['Sparse', -1]]],
    ['an array without a length', [[1], ['Sparse']]],
    ['an array with an item after its end', [[1], ['Sparse', 1, 1, 'x']]],
    ['an array with an item before its start', [[1], ['Sparse', 1, -1, 'x']]],
    ['an array with a named item', [[1], ['Sparse', 1, 'length', 5]]],
    ['many long arrays', [0, ...Array.from({ length: 9 }, () => ['Sparse', 2 ** 20])]],
    ['an error without a class', [[1], ['Error']]], ['an error made of numbers', [[1], ['Error', 1, 2, 3]]],
    ['an error without fields', [[1], ['Error', [], {}]]]
  ])('is rejected when it is %s', (_what, table) => {
    expect(() => decode(table)).toThrow(MalformedValue)
  })

  it.each([[''], ['['], ['[[[['], ['null'], ['[['.repeat(1e6)]])('is rejected when it is not a table in JSON', text => {
    expect(() => decodeTable(text)).toThrow(MalformedValue)
  })

  it('is rejected when it is too deep, without exhausting the stack', () => {
    expect(() => decodeTable('['.repeat(1e6) + ']'.repeat(1e6))).toThrow(MalformedValue)
    expect(() => decodeTable(`[[1],["Array",${'['.repeat(1e6)}${']'.repeat(1e6)}]]`)).toThrow(MalformedValue)
  })

  it('may nest arrays to any depth by reference', () => {
    const depth = 1e5
    let value = decode([[1], ...Array.from({ length: depth }, (_, n) => ['Array', n + 1 < depth ? [n + 2] : 'end'])])
    for (let n = 0; n < depth; n++) [value] = value as unknown[]
    expect(value).toBe('end')
  })

  it('cannot reach a prototype with any key', () => {
    const evil = '{"polluted":1}'
    const value = decodeTable(`[[1],{"__proto__":[2],"constructor":[2],"prototype":[2]},${evil}]`) as object
    expect(Object.keys(value)).toEqual(['__proto__', 'constructor', 'prototype'])
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(({} as { polluted?: number }).polluted).toBeUndefined()

    const error = decodeTable(`[[1],["Error",["Error"],{"__proto__":[2]},{"__proto__":[2],"toString":1}],${evil}]`)
    expect(Object.getPrototypeOf(error)).toBe(Error.prototype)
    expect(String(error)).toBe('Error')
    expect((Error as { polluted?: number }).polluted).toBeUndefined()
  })

  it('yields a printable error, whatever the fields of the error', () => {
    const shown = { name: 1, message: 2, stack: 3 }
    const error = decode([[1], ['Error', [{}, 'TypeError'], { name: 7, message: {} }, shown]]) as Error
    expect(error).toBeInstanceOf(TypeError)
    expect([error.name, error.message, typeof error.stack]).toEqual(['TypeError', '', 'string'])
  })

  it('allocates no memory for holes', () => {
    const before = process.memoryUsage().heapUsed
    const lists = Array.from({ length: 8 }, () => ['Sparse', 2 ** 20])
    const value = decode([[1], ['Array', ...lists.map((_, n) => [n + 2])], ...lists]) as unknown[][]
    expect(value.map(({ length }) => length)).toEqual(Array(8).fill(2 ** 20))
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(2 ** 23)
  })
})
