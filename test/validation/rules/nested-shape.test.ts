import { Type } from 'class-transformer'
import { ArrayNotEmpty, IsArray, ValidateNested } from 'class-validator'
import { check, faultsOf, Item } from './graph'

class Order {
  @IsArray() @ArrayNotEmpty() @ValidateNested({ each: true }) @Type(() => Item) items!: Item[]
}
class Open {
  @ValidateNested({ each: true }) @Type(() => Item) items!: Item[]
}
class Tags {
  @ValidateNested({ each: true }) @Type(() => Item) items!: Set<Item>
}
class Places {
  @ValidateNested({ each: true }) @Type(() => Item) items!: Map<string, Item>
}
class Nullable {
  @ValidateNested({ each: true }) @Type(() => Item) items!: Item[] | null
}
class Single {
  @ValidateNested() @Type(() => Item) items!: Item
}
const KINDS = [Order, Open, Tags, Places, Nullable, Single]

const good = { name: 'x' }

/** None of them has an instance of Item wherever one is declared. */
const NEVER: Array<[string, unknown]> = [
  ['a list in a list', [[]]], ['lists in lists', [[[]]]], ['an object in a list in a list', [[good]]],
  ['a list beside an object', [good, []]], ['a Set in a list', [new Set([good])]],
  ['a Map in a list', [new Map([['a', good]])]],
  ['a list in a Set', new Set([[]])], ['a list in a Map', new Map([['a', []]])],
  ['a Map of Maps', new Map([['a', new Map()]])],
  ['null', [null]], ['a text', ['x']], ['a number', [1]], ['a boolean', [true]], ['a function', [() => 1]],
  ['a boxed text', [Object('x')]], ['a boxed number', [Object(1)]], ['a date', [new Date()]], ['a pattern', [/x/]],
  ['bytes', [Buffer.from('abc')]], ['a typed array', [new Float64Array(3)]], ['memory', [new ArrayBuffer(8)]],
  ['a URL', [new URL('http://a')]], ['a promise', [Promise.resolve(good)]], ['a text in place of all', 'x'],
  ['a number in place of all', 7], ['bytes in place of all', Buffer.from('abc')],
  ['a date in place of all', new Date()],
  ['a function in place of all', () => 1], ['a boxed text in place of all', Object('x')]
]

describe('a nested rule', () => {
  it.each(NEVER)('is not passed by %s, whatever is declared', async (_what, items) => {
    for (const type of KINDS) expect(await faultsOf(type, { items })).not.toEqual([])
  })

  it.each<[string, typeof KINDS[number], unknown]>([
    ['one object where a list is declared', Open, good],
    ['numbered fields where a list is declared', Open, { 0: good, length: 1 }],
    ['a Set where a list is declared', Open, new Set([good])],
    ['a Map where a list is declared', Open, new Map([['a', good]])],
    ['a Map where a Set is declared', Tags, new Map([['a', good]])], ['a list where a Map is declared', Places, [good]],
    ['a Set where a Map is declared', Places, new Set([good])], ['one object where a Set is declared', Tags, good],
    ['one object where a list or null is declared', Nullable, good],
    ['a list where one object is declared', Single, [good]],
    ['an empty list where one object is declared', Single, []],
    ['a Map where one object is declared', Single, new Map()]
  ])('is not passed by %s', async (_what, type, items) => {
    expect(await faultsOf(type, { items })).toMatchObject([{ path: expect.stringMatching(/^items/) as unknown }])
  })

  it.each<[string, typeof KINDS[number], unknown]>([
    ['a list', Order, [good, good]], ['an empty list', Open, []],
    ['a list for a Set', Tags, [good]], ['a Set', Tags, new Set([good])],
    ['fields for a Map', Places, { a: good }], ['a Map', Places, new Map([['a', good]])],
    ['a list or null', Nullable, [good]],
    ['one object', Single, good]
  ])('is passed by %s of the declared kind', async (_what, type, items) => {
    const made = await check<{ items: unknown }>(type, { items })
    const all = made.items instanceof Item ? [made.items] : [...(made.items as Map<string, Item>).values()]
    for (const each of all) expect(each).toBeInstanceOf(Item)
  })

  it('says what is wrong, and where', async () => {
    const each = 'each value in nested property items must be'
    const fault = (path: string, nestedValidation: string): unknown => ({ path, constraints: { nestedValidation } })
    expect(await faultsOf(Order, { items: [good, [good], null] })).toEqual([
      fault('items.1', `${each} an object, and none of them a list`), fault('items.2', `${each} either object or array`)
    ])
    expect(await faultsOf(Open, { items: good })).toEqual([fault('items', 'items must be a list')])
  })

  it('keeps the message that the program gives it', async () => {
    class Told {
      @ValidateNested({ each: true, message: '$property of $target: no' }) @Type(() => Item) items!: Item[]
    }
    for (const items of [good, [[]], [1]]) {
      expect((await faultsOf(Told, { items }))[0].constraints).toEqual({ nestedValidation: 'items of Told: no' })
    }
  })
})

describe('data', () => {
  it.each(NEVER.map(([what, items]) => [what, Array.isArray(items) ? items[0] as unknown : items] as const))(
    'is refused when it is %s', async (_what, data) => {
      if (data === good) return
      expect(await faultsOf(Item, data)).toMatchObject([{ path: '' }])
    })
})
