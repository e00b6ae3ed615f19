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

describe('a list of what comes and goes', () => {
  it.each([
    ['first', 0, ['b', 'c']],
    ['one in the middle', 1, ['a', 'c']],
    ['last', 2, ['a', 'b']]
  ])('keeps the order of the others when the %s leaves', (_which, index, left) => {
    const { list, items } = listOf('a', 'b', 'c')
    expect(list.delete(items[index])).toBe(true)
    expect(list.size).toBe(2)
    expect(namesIn(list)).toEqual(left)
  })

  it('takes one in again behind the others', () => {
    const { list, items: [a] } = listOf('a', 'b')
    list.delete(a)
    list.add(a)
    expect(namesIn(list)).toEqual(['b', 'a'])
  })

  it('leaves nothing in those who left that would keep others', () => {
    const { list, items } = listOf('a', 'b', 'c')
    list.takeAll()
    expect(items.map(({ earlier, later }) => [earlier, later])).toEqual(Array(3).fill([undefined, undefined]))
    expect([list.size, list.first]).toEqual([0, undefined])
  })

  it('is not changed by the leaving of one who is not there', () => {
    const { list, items: [a] } = listOf('a', 'b')
    list.delete(a)
    expect([list.delete(a), list.delete(new Item('c')), list.size]).toEqual([false, false, 1])
  })

  it('finds those that are there, and no others', () => {
    const { list, items: [a] } = listOf('a')
    list.delete(a)
    list.add(new Item('b'))
    expect(list.find(({ name }) => name === 'b')?.name).toBe('b')
    expect(list.find(({ name }) => name === 'a')).toBeUndefined()
  })
})
