import { Output, tableLines } from '../../lib/cli/output'

/** What a command prints of a value. */
function printed (value: unknown, isJson = true): string {
  let text = ''
  new Output(more => { text += more }, isJson).json(value)
  return text
}

describe('what the command line prints', () => {
  it('has columns that are no wider than their widest cell', () => {
    expect(tableLines(['A', 'B'], [['long', '1'], ['x', '2']])).toEqual(['A     B', 'long  1', 'x     2'])
  })

  it('has tables in proportion to their cells, whatever one cell holds', () => {
    const wide = 'x'.repeat(20_000)
    const lines = tableLines(['A', 'B', 'C'], [[wide, wide, 'end'], ...Array<string[]>(5_000).fill(['a', 'b', 'c'])])
    expect(lines[1]).toBe(`${wide}  ${wide}  end`)
    expect(lines.join('').length).toBeLessThan(2 * wide.length + 5_000 * 500)
  })

  it('has tables of more rows than a function takes arguments', () => {
    expect(tableLines(['A'], Array<string[]>(200_000).fill(['a']))).toHaveLength(200_001)
  })

  it('is JSON, with numbers and lists where JSON has no form', () => {
    expect(printed({ a: 1n, b: new Map([[1, new Set([2])]]) })).toBe('{"a":"1","b":[[1,[2]]]}\n')
    expect(printed(undefined)).toBe('undefined\n')
  })

  it('has a line for each value, but not where the spaces before it would be most of it', () => {
    expect(printed({ a: [1] }, false)).toBe('{\n  "a": [\n    1\n  ]\n}\n')
    let deep: unknown = Array(1_000).fill(7)
    for (let n = 0; n < 900; n++) deep = [deep]
    expect(printed(deep, false).length).toBeLessThan(10_000)
  })

  it('is refused where a list is within itself', () => {
    const list: unknown[] = []
    list.push(list)
    expect(() => printed(list)).toThrow()
  })

  it.each([
    ['lists', (inner: unknown) => [inner, inner]],
    ['maps', (inner: unknown) => new Map([[1, inner], [2, inner]])],
    ['objects with names', (inner: unknown) => ({ ['x'.repeat(1_000)]: inner, y: inner })]
  ])('is refused where it would be endless: %s that hold the same in many places', (_name, wrap) => {
    let value: unknown = 'end'
    for (let n = 0; n < 60; n++) value = wrap(value)
    expect(() => printed(value)).toThrow('the same objects in too many places')
  })
})
