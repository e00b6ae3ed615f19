import { LinkedList, type Linked } from '../../lib/collections/linked-list'

class Item implements Linked<Item> {
  earlier: Item | undefined
  later: Item | undefined

  constructor (readonly name: string) {}
}

function listOf (...names: string[]): { list: LinkedList<Item>, items: Item[] } {
  const list = new LinkedList<Item>()
  const items = names.map(name => new Item(name))
  for (const item of items) list.add(item)
  return { list, items }
}

const namesIn = (list: LinkedList<Item>): string[] => list.takeAll().map(({ name }) => name)

describe('a linked list', () => {
  it.each([
    ['first item', 0, ['b', 'c']],
    ['middle item', 1, ['a', 'c']],
    ['last item', 2, ['a', 'b']]
  ])('keeps the order of its other items when the %s is deleted', (_which, index, left) => {
    const { list, items } = listOf('a', 'b', 'c')
    expect(list.delete(items[index])).toBe(true)
    expect(list.size).toBe(2)
    expect(namesIn(list)).toEqual(left)
  })

  it('appends an item that is added again after it was deleted', () => {
    const { list, items: [a] } = listOf('a', 'b')
    list.delete(a)
    list.add(a)
    expect(namesIn(list)).toEqual(['b', 'a'])
  })

  it('clears the links of all items that it gives away, so that none keeps another in memory', () => {
    const { list, items } = listOf('a', 'b', 'c')
    list.takeAll()
    expect(items.map(({ earlier, later }) => [earlier, later])).toEqual(Array(3).fill([undefined, undefined]))
    expect([list.size, list.first]).toEqual([0, undefined])
  })

  it('does not change when an item is deleted that it does not hold', () => {
    const { list, items: [a] } = listOf('a', 'b')
    list.delete(a)
    expect([list.delete(a), list.delete(new Item('c')), list.size]).toEqual([false, false, 1])
  })

  it('finds only the items that it holds', () => {
    const { list, items: [a] } = listOf('a')
    list.delete(a)
    list.add(new Item('b'))
    expect(list.find(({ name }) => name === 'b')?.name).toBe('b')
    expect(list.find(({ name }) => name === 'a')).toBeUndefined()
  })
})
