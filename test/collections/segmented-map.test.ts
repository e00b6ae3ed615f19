import { SegmentedMap } from '../../lib/collections/segmented-map'

describe('a segmented map', () => {
  const valueOf = (key: number): object => ({ key })
  const filled = (count: number): SegmentedMap<number, object> => {
    const map = new SegmentedMap<number, object>(4)
    for (let key = 0; key < count; key++) map.set(key, valueOf(key))
    return map
  }

  it.each([0, 1, 4, 5, 8, 9, 100])('has each of %i entries, in their order', count => {
    const map = filled(count)
    const keys = Array.from({ length: count }, (_, key) => key)
    expect([...map.values()]).toEqual(keys.map(valueOf))
    expect(keys.map(key => map.get(key))).toEqual(keys.map(valueOf))
    expect(keys.every(key => map.has(key))).toBe(true)
    expect(map.has(count)).toBe(false)
    expect(map.get(count)).toBeUndefined()
  })

  it('has one entry for a key, whichever table it is in, and when the last one is full', () => {
    const map = filled(8)
    const changed = {}
    for (const key of [0, 3, 4, 7]) map.set(key, changed)
    const expected = [0, 1, 2, 3, 4, 5, 6, 7].map(key => [1, 2, 5, 6].includes(key) ? valueOf(key) : changed)
    expect([...map.values()]).toEqual(expected)
  })
})
