import { MalformedValue } from '../../../lib/transport/values/errors'
import { decodeTable } from './table'

/** What anybody may write in place of a value. */
const decode = (table: unknown): unknown => decodeTable(JSON.stringify(table))

describe('a text of a stranger', () => {
  it.each<[string, unknown]>([
    ['no table', {}], ['an empty table', []], ['a number', 7], ['a slot that is an object', [{}]],
    ['an empty slot', [[]]], ['a reference to itself', [[0]]], ['a reference to nothing', [[1]]],
    ['a negative reference', [[-1], {}]], ['a broken reference', [[0.5], {}]],
    ['a reference by name', [['length'], {}]],
    ['an unknown word', [['constructor']]], ['an unknown kind', [[1], ['constructor']]],
    ['a kind of every object', [[1], ['__proto__']]], ['an entry without a kind', [[1], []]],
    ['an entry that is no object', [[1], 7]], ['an entry of null', [[1], null]],
    ['a BigInt of words', [['BigInt', 'many']]], ['a BigInt of nothing', [['BigInt', '']]],
    ['a bare BigInt', [['BigInt']]],
    ['a URL that is none', [[1], ['URL', 'nowhere']]], ['a URL of a number', [[1], ['URL', 7]]],
    ['a RegExp that is none', [[1], ['RegExp', '(', '']]], ['flags that are none', [[1], ['RegExp', 'a', 'xx']]],
    ['a RegExp of groups in groups', [[1], ['RegExp', '('.repeat(1e6), '']]],
    ['numbers of half a number', [[1], ['Float64Array', 'AAAA']]], ['bytes of a number', [[1], ['Buffer', 7]]],
    ['an array longer than any', [[1], ['Sparse', 2 ** 32]]], ['an array of a negative length', [[1], ['Sparse', -1]]],
    ['an array without a length', [[1], ['Sparse']]], ['an item behind the end', [[1], ['Sparse', 1, 1, 'x']]],
    ['an item before the start', [[1], ['Sparse', 1, -1, 'x']]], ['an item by name', [[1], ['Sparse', 1, 'length', 5]]],
    ['many long arrays', [0, ...Array.from({ length: 9 }, () => ['Sparse', 2 ** 20])]],
    ['an error that is none', [[1], ['Error']]], ['an error of numbers', [[1], ['Error', 1, 2, 3]]],
    ['an error without fields', [[1], ['Error', [], {}]]]
  ])('is refused: %s', (_what, table) => {
    expect(() => decode(table)).toThrow(MalformedValue)
  })

  it.each([[''], ['['], ['[[[['], ['null'], ['[['.repeat(1e6)]])('is refused if it is no JSON', text => {
    expect(() => decodeTable(text)).toThrow(MalformedValue)
  })

  it('is refused if it is deep, and does not exhaust the stack', () => {
    expect(() => decodeTable('['.repeat(1e6) + ']'.repeat(1e6))).toThrow(MalformedValue)
    expect(() => decodeTable(`[[1],["Array",${'['.repeat(1e6)}${']'.repeat(1e6)}]]`)).toThrow(MalformedValue)
  })

  it('may nest arrays of any depth by reference', () => {
    const depth = 1e5
    let value = decode([[1], ...Array.from({ length: depth }, (_, n) => ['Array', n + 1 < depth ? [n + 2] : 'end'])])
    for (let n = 0; n < depth; n++) [value] = value as unknown[]
    expect(value).toBe('end')
  })

  it('reaches no prototype, whatever its keys', () => {
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

  it('gives an error that can be printed, whatever its fields', () => {
    const shown = { name: 1, message: 2, stack: 3 }
    const error = decode([[1], ['Error', [{}, 'TypeError'], { name: 7, message: {} }, shown]]) as Error
    expect(error).toBeInstanceOf(TypeError)
    expect([error.name, error.message, typeof error.stack]).toEqual(['TypeError', '', 'string'])
  })

  it('takes no room for holes', () => {
    const before = process.memoryUsage().heapUsed
    const lists = Array.from({ length: 8 }, () => ['Sparse', 2 ** 20])
    const value = decode([[1], ['Array', ...lists.map((_, n) => [n + 2])], ...lists]) as unknown[][]
    expect(value.map(({ length }) => length)).toEqual(Array(8).fill(2 ** 20))
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(2 ** 23)
  })
})
