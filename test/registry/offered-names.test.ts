import { OfferedNames } from '../../lib/registry/offered-names'

describe('the names that replicas offer', () => {
  const some = ['find', 'get']
  const others = ['get', 'create']

  it('are those of the only replica, without a copy', () => {
    const names = new OfferedNames()
    names.add(some)
    expect(names.first(10)).toBe(some)
    expect(names.first(1)).toEqual(['find'])
    expect([names.size, names.of('get'), names.of('create')]).toEqual([2, 1, 0])
    names.remove(some)
    expect([names.size, names.of('get')]).toEqual([0, 0])
    expect(names.first(10)).toEqual([])
  })

  it('are counted from the second replica on, until all have gone', () => {
    const names = new OfferedNames()
    names.add(some)
    names.add(others)
    expect(names.first(10)).toEqual(['find', 'get', 'create'])
    expect([names.size, names.of('find'), names.of('get')]).toEqual([3, 1, 2])
    names.remove(some)
    expect(names.first(10)).toEqual(['get', 'create'])
    names.remove(others)
    expect(names.size).toBe(0)
    names.add(others)
    expect(names.first(10)).toBe(others)
  })

  it('are no more than one list while all replicas share it', () => {
    const names = new OfferedNames()
    for (let n = 0; n < 3; n++) names.add(some)
    expect(names.first(10)).toBe(some)
    expect([names.size, names.of('get'), names.missing(some), names.missing(others)]).toEqual([2, 3, 0, 1])
    names.remove(some)
    names.add(others)
    expect([names.of('find'), names.of('get'), names.of('create')]).toEqual([2, 3, 1])
    for (const list of [some, others]) names.remove(list)
    expect(names.first(10)).toEqual(some)
    names.remove(some)
    expect(names.size).toBe(0)
  })

  it('count once where a replica gives one twice', () => {
    const names = new OfferedNames()
    const twice = ['find', 'find']
    names.add(twice)
    expect([names.size, names.of('find')]).toEqual([1, 2])
    names.remove(twice)
    expect(names.size).toBe(0)
    const many = [...Array.from({ length: 20 }, (_, n) => `method-${n}`), 'method-0']
    names.add(many)
    expect(names.size).toBe(20)
  })
})
