import { JsonTree } from '../../lib/contract/json-tree'

describe('the length of a list as JSON', () => {
  it('is looked at by index, so that no names of items are listed before the bound applies', () => {
    let listed = 0
    const list = new Proxy(Array.from({ length: 1_000 }, () => 1), {
      ownKeys (target) {
        listed++
        return Reflect.ownKeys(target)
      }
    })
    expect(new JsonTree().lengthOf(list, 100, 5)).toBeUndefined()
    expect(listed).toBe(0)
  })

  it.each([
    [[], 2], [[1, 'a'], 8], [[[1], { b: true }], 20]
  ])('is measured up to its bound, and undefined beyond: %j', (list, length) => {
    expect(new JsonTree().lengthOf(list, length, 5)).toBe(length)
    expect(new JsonTree().lengthOf(list, length - 1, 5)).toBeUndefined()
  })
})
