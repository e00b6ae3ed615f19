import fc from 'fast-check'
import { Transform, Type } from 'class-transformer'
import { IsString, ValidateNested } from 'class-validator'
import { MAX_FAULTS } from '../../../lib/validation/rules/faults'
import { check, faultsOf, Node, ran } from './graph'

beforeEach(() => { ran.times = 0 })

type Data = Record<string, unknown>

/** An object that `2 ** levels` paths lead to. */
function diamond (levels: number, last: Data, hold: (value: Data) => Data): Data {
  let value = last
  for (let level = 0; level < levels; level++) value = hold(value)
  return value
}

const HOLDERS: Array<[string, (value: Data) => Data]> = [
  ['two properties', value => ({ left: value, right: value })],
  ['a list', value => ({ list: [value, value] })],
  ['two lists', value => ({ list: [value], left: { list: [value] } })],
  ['a Set', value => ({ set: new Set([value]), left: value })],
  ['a Map', value => ({ map: new Map([['a', value], ['b', value]]) })],
  ['a property and a Map', value => ({ right: value, map: { a: value } })]
]

describe('an object that many paths lead to', () => {
  it.each(HOLDERS)('is checked once when it is shared by %s', async (_what, hold) => {
    const made = await check(Node, diamond(100, { name: 'ok' }, hold))
    expect(made).toBeInstanceOf(Node)
    expect(ran.times).toBeLessThan(300)
  })

  it.each(HOLDERS)('is refused with a bounded number of paths when it breaks a rule in %s', async (_what, hold) => {
    const faults = await faultsOf(Node, diamond(100, { name: 'bad' }, hold))
    expect(ran.times).toBeLessThan(300)
    expect(faults.length).toBeLessThanOrEqual(MAX_FAULTS)
    expect(faults[0].path).toMatch(/name$/)
    expect(faults[0].constraints).toEqual({ counted: 'name is bad' })
  })

  it('has a fault at each path when there are few', async () => {
    const bad = { name: 'bad' }
    const data = { left: bad, right: { left: bad, list: [{ name: 'ok' }, bad] }, map: { a: bad } }
    expect((await faultsOf(Node, data)).map(({ path }) => path))
      .toEqual(['left.name', 'right.left.name', 'right.list.1.name', 'map.a.name'])
  })

  it('is one instance in all places, also in several items of a list', async () => {
    const shared = { name: 'ok' }
    const made = await check(Node, { left: shared, right: shared, list: [shared], set: [shared], map: { a: shared } })
    expect(new Set([made.left, made.right, made.list?.[0], ...made.set ?? [], made.map?.get('a')]).size).toBe(1)
    const list = [{ left: shared }, { left: shared }]
    const items = await check<Node>(Node, list, { takesList: true }) as unknown as Node[]
    expect(items[0].left).toBe(items[1].left)
    expect(items[0].left).toEqual({ name: 'ok' })
  })

  it('is made once when all items of a long list hold it', async () => {
    const shared = { list: Array.from({ length: 1_000 }, () => ({})) }
    await check(Node, Array.from({ length: 1_000 }, () => ({ left: shared })), { takesList: true })
    expect(ran.times).toBe(2_001)
  })

  it('is of the kind that each property declares', async () => {
    const items = [{ name: 'a' }]
    const made = await check(Node, { list: items, set: items })
    expect([made.list, made.set]).toEqual([expect.any(Array), expect.any(Set)])
  })

  it('is filled before a function of the class sees it', async () => {
    class Owner { @IsString() name!: string }
    class Holder {
      @ValidateNested({ each: true }) @Type(() => Owner) all!: Owner[]
      @Type(() => Owner) @Transform(({ value }: { value: Owner }) => value.name.toUpperCase()) first!: unknown
      seen?: string
      #second?: Owner
      @ValidateNested() @Type(() => Owner)
      set second (owner: Owner) { this.#second = owner; this.seen = owner.name }
      get second (): Owner { return this.#second as Owner }
    }
    const owner = { name: 'ann' }
    expect(await check(Holder, { all: [owner], first: owner, second: owner }))
      .toMatchObject({ first: 'ANN', seen: 'ann' })
  })
})

describe('the check of any graph', () => {
  const graph = fc.array(fc.record({
    name: fc.constantFrom('ok', 'ok', 'bad'),
    left: fc.nat(30),
    right: fc.nat(30),
    list: fc.array(fc.nat(30), { maxLength: 4 }),
    map: fc.array(fc.nat(30), { maxLength: 3 })
  }), { minLength: 1, maxLength: 30 })

  it('runs each rule once for each object, and refuses it exactly when a rule is broken', async () => {
    await fc.assert(fc.asyncProperty(graph, async nodes => {
      const objects: Data[] = nodes.map(({ name }) => ({ name }))
      // References lead to later nodes only: there is no cycle.
      const later = (index: number, from: number): Data | undefined => index > from ? objects[index] : undefined
      nodes.forEach(({ left, right, list, map }, from) => {
        const one = later(left, from)
        const other = later(right, from)
        if (one !== undefined) objects[from].left = one
        if (other !== undefined) objects[from].right = other
        objects[from].list = list.map(index => later(index, from)).filter(each => each !== undefined)
        objects[from].map = new Map(map.map(index => [`${index}`, later(index, from)] as const).filter(([, each]) => each))
      })
      const reached = new Set<Data>([objects[0]])
      for (const { left, right, list, map } of reached as Set<Record<string, never>>) {
        for (const each of [left, right, ...list, ...(map as Map<string, Data>).values()]) if (each) reached.add(each)
      }
      ran.times = 0
      const isBad = [...reached].some(({ name }) => name === 'bad')
      const faults = isBad ? await faultsOf(Node, objects[0]) : await check(Node, objects[0]).then(() => [])
      expect(ran.times).toBe(reached.size)
      // At least one for each object.
      expect(faults.length).toBeGreaterThanOrEqual([...reached].filter(({ name }) => name === 'bad').length)
    }), { numRuns: 100 })
  })
})
