import fc from 'fast-check'
import { RecentMap } from '../../lib/collections/recent-map'

describe('a map of recent entries', () => {
  it('keeps the entries that were set last, up to its maximum', () => {
    const map = new RecentMap<string, number>(2).set('a', 1).set('b', 2).set('c', 3)
    expect([...map]).toEqual([['b', 2], ['c', 3]])
  })

  it('keeps an entry that was set again longer than those set before that', () => {
    const map = new RecentMap<string, number>(2).set('a', 1).set('b', 2).set('a', 3).set('c', 4)
    expect([...map]).toEqual([['a', 3], ['c', 4]])
  })

  it('does not renew an entry that is only read', () => {
    const map = new RecentMap<string, number>(2).set('a', 1).set('b', 2)
    expect(map.get('a')).toBe(1)
    expect([...map.set('c', 3).keys()]).toEqual(['b', 'c'])
  })

  it('holds the last different keys of any sequence, even if undefined is one of them', () => {
    const keys = fc.array(fc.constantFrom<unknown>(undefined, null, 0, 'a', 'b', 'c', 'd'), { maxLength: 30 })
    fc.assert(fc.property(keys, fc.integer({ min: 1, max: 5 }), (sequence, max) => {
      const map = new RecentMap<unknown, number>(max)
      sequence.forEach((key, index) => { map.set(key, index) })
      const expected = [...new Set([...sequence].reverse())].slice(0, max).reverse()
      expect([...map.keys()]).toEqual(expected)
      for (const [key, index] of map) expect(index).toBe(sequence.lastIndexOf(key))
    }))
  })
})
