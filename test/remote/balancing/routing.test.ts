import { affinityOf, lowest } from '../../../lib/remote/balancing/routing'

describe('the lowest of some replicas', () => {
  it('is that with the lowest value, wherever the search starts', () => {
    for (const start of [0, 1, 2]) expect(lowest([3, 1, 2], start, value => value)).toBe(1)
  })

  it('is among equals the first from where the search starts', () => {
    const equals = ['a', 'b', 'c']
    expect([0, 1, 2, 3].map(start => lowest(equals, start, () => 7))).toEqual(['a', 'b', 'c', 'a'])
  })

  it('is none where there are none', () => {
    expect(lowest([], 0, () => 0)).toBeUndefined()
  })
})

describe('affinity', () => {
  const nodes = ['a', 'b', 'c', 'd']
  const keys = Array.from({ length: 400 }, (_, n) => `customer-${n}`)
  const ownerOf = (key: string, among: readonly string[]): string =>
    [...among].sort((one, other) => affinityOf(key, other) - affinityOf(key, one))[0] ?? 'nobody'

  it('is the same for a key and a node each time', () => {
    expect(affinityOf('customer-7', 'a')).toBe(affinityOf('customer-7', 'a'))
    expect(affinityOf('customer-7', 'a')).not.toBe(affinityOf('customer-7', 'b'))
  })

  it('tells a key and a node apart that read alike together', () => {
    expect(affinityOf('bc', 'a')).not.toBe(affinityOf('c', 'ab'))
  })

  it('gives every node its share of the keys', () => {
    const shares = nodes.map(node => keys.filter(key => ownerOf(key, nodes) === node).length)
    for (const share of shares) expect(share).toBeGreaterThan(keys.length / nodes.length / 2)
  })

  it('moves the keys of a node that leaves, and no others', () => {
    const left = nodes.filter(node => node !== 'b')
    for (const key of keys) {
      const before = ownerOf(key, nodes)
      if (before !== 'b') expect(ownerOf(key, left)).toBe(before)
    }
  })

  it('gives a node that joins keys of all others, and moves none between those', () => {
    const more = [...nodes, 'e']
    const moved = keys.filter(key => ownerOf(key, nodes) !== ownerOf(key, more))
    expect(new Set(moved.map(key => ownerOf(key, more)))).toEqual(new Set(['e']))
    expect(new Set(moved.map(key => ownerOf(key, nodes)))).toEqual(new Set(nodes))
  })
})
