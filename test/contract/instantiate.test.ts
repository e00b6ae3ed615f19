import { Exclude, Expose, Transform, Type } from 'class-transformer'
import { IsString } from 'class-validator'
import { instantiate } from '../../lib/contract/instantiate'

class Point {
  x!: number
  y = 0
  get sum (): number { return this.x + this.y }
}

class Everything {
  [name: string]: unknown
  when?: Date
  @Type(() => Date) due?: Date
  @Type(() => Point) point?: Point
  @Type(() => Point) points?: Point[]
  @Type(() => Point) corners?: Set<Point>
  @Type(() => Point) places?: Map<string, Point>
  @Type(() => Number) count?: number
}

const values = {
  date: new Date(7),
  buffer: Buffer.from('abc'),
  bytes: new Uint8Array([1, 2]),
  floats: new Float64Array([1.5]),
  memory: new ArrayBuffer(2),
  map: new Map([['a', { b: 1 }]]),
  set: new Set([1, 'a']),
  big: 7n,
  pattern: /a+/gi,
  address: new URL('http://localhost/a?b=c'),
  failure: new TypeError('no'),
  nothing: null,
  missing: undefined,
  notANumber: NaN,
  // eslint-disable-next-line no-sparse-arrays
  list: [1, , new Date(3)],
  nested: { when: new Date(9), map: new Map() }
}

describe('an instance', () => {
  it('keeps each value that no decorator gives a type, the very same', () => {
    const made = instantiate(Everything, values)
    expect(made).toBeInstanceOf(Everything)
    for (const [name, value] of Object.entries(values)) expect(made[name]).toBe(value)
  })

  it('keeps dates, and makes one of a text', () => {
    const due = new Date(5)
    expect(instantiate(Everything, { due }).due).toBe(due)
    expect(instantiate(Everything, { due: due.toISOString() }).due).toEqual(due)
  })

  it('has instances of the types that decorators name: in lists, sets and maps, too', () => {
    const made = instantiate(Everything, {
      point: { x: 1 }, points: [{ x: 2 }], corners: new Set([{ x: 3 }]), places: { home: { x: 4 } }, count: '5'
    })
    expect([made.point, made.points?.[0], ...made.corners ?? [], made.places?.get('home')].map(point => point?.sum))
      .toEqual([1, 2, 3, 4])
    expect(made.corners).toBeInstanceOf(Set)
    expect(made.count).toBe(5)
    expect(instantiate(Everything, { places: new Map([['work', { x: 6 }]]) }).places?.get('work')).toBeInstanceOf(Point)
  })

  it('keeps an instance of a type without rules, as of an id of a database', () => {
    class ObjectId {
      readonly #id = 7
      toString (): string { return `${this.#id}` }
    }
    class Entity {
      @Type(() => ObjectId) id!: ObjectId
    }
    const id = new ObjectId()
    expect(instantiate(Entity, { id }).id).toBe(id)
  })

  it('has no property that neither the data nor the class gives a value', () => {
    expect(Object.keys(instantiate(Point, {}))).toEqual(['y'])
    expect(Object.keys(instantiate(Everything, {}))).toEqual([])
    expect(Object.keys(instantiate(Everything, { when: undefined }))).toEqual(['when'])
  })

  it('computes its getters by itself, whatever the data says', () => {
    class Point3 extends Point {}
    expect(instantiate(Point3, { x: 1, sum: 9 }).sum).toBe(1)
    class Fragile {
      name!: { first: string }
      get first (): string { return this.name.first }
    }
    expect(instantiate(Fragile, { first: 'x', name: { first: 'ann' } }).first).toBe('ann')
  })

  it('follows the other decorators of class-transformer', () => {
    class Decorated {
      @Expose({ name: 'n' }) name!: string
      @Exclude() secret?: string
      @Transform(({ value }: { value: URL }) => value.host) host!: string
    }
    expect({ ...instantiate(Decorated, { n: 'ann', secret: 'x', host: new URL('http://localhost/a') }) })
      .toEqual({ name: 'ann', host: 'localhost' })
  })

  it('refers to itself where the data does', () => {
    class Branch {
      @Type(() => Branch) parent?: Branch
      @Type(() => Branch) children!: Branch[]
    }
    const root: Record<string, unknown> = { children: [] }
    root.parent = root
    const made = instantiate(Branch, root)
    expect(made.parent).toBe(made)
    const list: unknown[] = []
    list.push(list)
    expect(instantiate(Branch, { children: list }).children).toHaveLength(1)
  })

  it('is made without the constructor where that wants what is not there', () => {
    class Strict {
      readonly name: string
      constructor ({ name }: { name: string }) { this.name = name }
      greet (): string { return `I am ${this.name}` }
    }
    expect(instantiate(Strict, { name: 'ann' }).greet()).toBe('I am ann')
  })

  it('changes no prototype, and takes no constructor from the data', () => {
    class Safe {
      @IsString() a!: string
      @Type(() => Point) point?: Point
    }
    const point = '{"x":1,"constructor":{"a":1},"__proto__":{"z":1}}'
    const data = JSON.parse(`{"a":"b","__proto__":{"admin":1},"constructor":7,"point":${point}}`) as object
    const made = instantiate(Safe, data)
    expect(made.point).toBeInstanceOf(Point)
    expect(made.constructor).toBe(Safe)
    expect(({} as { admin?: number }).admin).toBeUndefined()
    expect(Object.keys(made)).toEqual(['a', 'point'])
  })
})
