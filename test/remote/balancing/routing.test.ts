import { hashOf, lowest, weightOf } from '../../../lib/remote/balancing/routing'

describe('the lowest of several replicas', () => {
  it('has the lowest value, wherever the search starts', () => {
    for (const start of [0, 1, 2]) expect(lowest([3, 1, 2], start, value => value)).toBe(1)
  })

  it('is the first from the start of the search when several are equal', () => {
    const equals = ['a', 'b', 'c']
    expect([0, 1, 2, 3].map(start => lowest(equals, start, () => 7))).toEqual(['a', 'b', 'c', 'a'])
  })

  it('is undefined when there are no replicas', () => {
    expect(lowest([], 0, () => 0)).toBeUndefined()
  })
})

/** The weight of a node for a key. */
const affinityOf = (key: string, node: string): number => weightOf(hashOf(key), hashOf(node))

describe('the affinity of a key to a node', () => {
  const nodes = ['a', 'b', 'c', 'd']
  const keys = Array.from({ length: 400 }, (_, n) => `customer-${n}`)
  const ownerOf = (key: string, among: readonly string[]): string =>
    [...among].sort((one, other) => affinityOf(key, other) - affinityOf(key, one))[0] ?? 'nobody'

  it('is always the same for one key and one node', () => {
    expect(affinityOf('customer-7', 'a')).toBe(affinityOf('customer-7', 'a'))
    expect(affinityOf('customer-7', 'a')).not.toBe(affinityOf('customer-7', 'b'))
  })

  it('differs for keys and nodes that only have the same concatenation', () => {
    expect(affinityOf('bc', 'a')).not.toBe(affinityOf('c', 'ab'))
  })

  it('assigns every node a fair share of the keys', () => {
    const shares = nodes.map(node => keys.filter(key => ownerOf(key, nodes) === node).length)
    for (const share of shares) expect(share).toBeGreaterThan(keys.length / nodes.length / 2)
  })

  it('moves only the keys of a node when that node leaves', () => {
    const left = nodes.filter(node => node !== 'b')
    for (const key of keys) {
      const before = ownerOf(key, nodes)
      if (before !== 'b') expect(ownerOf(key, left)).toBe(before)
    }
  })

  it('moves keys from all nodes to a node that joins, and none between the others', () => {
    const more = [...nodes, 'e']
    const moved = keys.filter(key => ownerOf(key, nodes) !== ownerOf(key, more))
    expect(new Set(moved.map(key => ownerOf(key, more)))).toEqual(new Set(['e']))
    expect(new Set(moved.map(key => ownerOf(key, nodes)))).toEqual(new Set(nodes))
  })
})
