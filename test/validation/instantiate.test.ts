import { Exclude, Expose, Transform, Type } from 'class-transformer'
import { IsString } from 'class-validator'
import { instantiate } from '../../lib/validation/instantiate'

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

describe('an instance made from data', () => {
  it('keeps the identical value of each property that no decorator types', () => {
    const made = instantiate(Everything, values)
    expect(made).toBeInstanceOf(Everything)
    for (const [name, value] of Object.entries(values)) expect(made[name]).toBe(value)
  })

  it('keeps dates and converts strings to dates when the type is Date', () => {
    const due = new Date(5)
    expect(instantiate(Everything, { due }).due).toBe(due)
    expect(instantiate(Everything, { due: due.toISOString() }).due).toEqual(due)
  })

  it('converts an object once for each type, however often the data refers to it', () => {
    let conversions = 0
    class Counted { [Symbol.toPrimitive] (): number { return ++conversions } }
    class Lists {
      @Type(() => String) texts!: string[]
      @Type(() => Number) numbers!: number[]
      @Type(() => Buffer) buffers!: Buffer[]
    }
    const counted = new Counted()
    const bytes = new Uint8Array([7])
    const made = instantiate(Lists, { texts: [counted, counted], numbers: [counted, counted], buffers: [bytes, bytes] })
    expect(conversions).toBe(2)
    expect(made.texts[0]).toBe(made.texts[1])
    expect(made.numbers[0]).toBe(made.numbers[1])
    expect(made.buffers[0]).toEqual(Buffer.from([7]))
    expect(made.buffers[0]).toBe(made.buffers[1])
  })

  it('contains instances of decorated types, also in lists, sets and maps', () => {
    const made = instantiate(Everything, {
      point: { x: 1 }, points: [{ x: 2 }], corners: new Set([{ x: 3 }]), places: { home: { x: 4 } }, count: '5'
    })
    expect([made.point, made.points?.[0], ...made.corners ?? [], made.places?.get('home')].map(point => point?.sum))
      .toEqual([1, 2, 3, 4])
    expect(made.corners).toBeInstanceOf(Set)
    expect(made.count).toBe(5)
    expect(instantiate(Everything, { places: new Map([['work', { x: 6 }]]) }).places?.get('work')).toBeInstanceOf(Point)
  })

  it('keeps an instance whose class has no rules, like a database id', () => {
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

  it('has only properties to which the data or the class assigns a value', () => {
    expect(Object.keys(instantiate(Point, {}))).toEqual(['y'])
    expect(Object.keys(instantiate(Everything, {}))).toEqual([])
    expect(Object.keys(instantiate(Everything, { when: undefined }))).toEqual(['when'])
  })

  it('computes its getters, whatever the data contains', () => {
    class Point3 extends Point {}
    expect(instantiate(Point3, { x: 1, sum: 9 }).sum).toBe(1)
    class Fragile {
      name!: { first: string }
      get first (): string { return this.name.first }
    }
    expect(instantiate(Fragile, { first: 'x', name: { first: 'ann' } }).first).toBe('ann')
  })

  it('takes a value by the name that data has for its property, which may be the name of a getter', () => {
    class Person {
      @Expose({ name: 'name' }) fullName?: string
      get name (): string { return `${this.fullName}!` }
    }
    expect(instantiate(Person, { name: 'Ann' })).toEqual(Object.assign(new Person(), { fullName: 'Ann' }))
  })

  it('gives no value to a getter, whichever name data has for it', () => {
    class Base {
      get size (): number { return 1 }
    }
    class Box extends Base {
      @Expose({ name: 'how_big' }) override get size (): number { return 2 }
    }
    expect(instantiate(Box, { how_big: 7, size: 8 }).size).toBe(2)
  })

  it('respects the other decorators of class-transformer', () => {
    class Decorated {
      @Expose({ name: 'n' }) name!: string
      @Exclude() secret?: string
      @Transform(({ value }: { value: URL }) => value.host) host!: string
    }
    expect({ ...instantiate(Decorated, { n: 'ann', secret: 'x', host: new URL('http://localhost/a') }) })
      .toEqual({ name: 'ann', host: 'localhost' })
  })

  it('refers to itself when the data does', () => {
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

  it('shares objects as the data does, even when two classes alternate in it', () => {
    class Left {
      @Type(() => Left) left?: Left
      // Its type is not there yet when the compiler notes it.
      @Type(() => Right) right?: unknown
      @Type(() => Left) lefts?: Left[]
      @Type(() => Right) rights?: unknown[]
    }
    class Right {
      @Type(() => Left) left?: Left
      @Type(() => Right) right?: unknown
      @Type(() => Left) lefts?: Left[]
      @Type(() => Right) rights?: unknown[]
    }
    let data: object = {}
    // With a new instance for each path to an object, there would be 2 ** 100.
    for (let depth = 0; depth < 100; depth++) {
      const list = [data]
      data = { left: data, right: data, lefts: list, rights: list }
    }
    const made = instantiate(Left, data)
    expect(made.left).toBeInstanceOf(Left)
    expect(made.right).toBeInstanceOf(Right)
    const { left, lefts } = made.right as Right
    expect(left).toBe(made.left?.left)
    expect(lefts?.[0]).toBe(made.left?.left)
  })

  it('is created without the constructor when that needs missing arguments', () => {
    class Strict {
      readonly name: string
      constructor ({ name }: { name: string }) { this.name = name }
      greet (): string { return `I am ${this.name}` }
    }
    expect(instantiate(Strict, { name: 'ann' }).greet()).toBe('I am ann')
  })

  it('changes no prototype and takes no constructor from the data', () => {
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

  it('leaves the data unchanged, including the discriminator property', () => {
    abstract class Shape {}
    class Circle extends Shape { radius!: number }
    class Square extends Shape { side!: number }
    const subTypes = [{ name: 'circle', value: Circle }, { name: 'square', value: Square }]
    class Drawing {
      @Type(() => Shape, { discriminator: { property: 'kind', subTypes } }) shapes!: Shape[]
      @Type(() => Circle, { discriminator: { property: 'kind', subTypes }, keepDiscriminatorProperty: true })
      main!: Shape
    }
    const [circle, square] = [{ kind: 'circle', radius: 1 }, { kind: 'square', side: 2 }]
    const data = { shapes: [circle, square, null], main: { kind: 'square' } }
    const copy = structuredClone(data)
    const made = instantiate(Drawing, data)
    expect(data).toEqual(copy)
    const shapes = [Object.assign(new Circle(), { radius: 1 }), Object.assign(new Square(), { side: 2 }), null]
    expect(made.shapes).toEqual(shapes)
    expect(made.main).toEqual(Object.assign(new Square(), { kind: 'square' }))
  })

  it('has the type that a function of the data returns', () => {
    class Circle { radius!: number }
    class Square { side!: number }
    class Drawing {
      kind!: string
      @Type(options => (options?.object as Drawing).kind === 'circle' ? Circle : Square) shape!: unknown
    }
    expect(instantiate(Drawing, { kind: 'circle', shape: {} }).shape).toBeInstanceOf(Circle)
    expect(instantiate(Drawing, { kind: 'square', shape: {} }).shape).toBeInstanceOf(Square)
  })

  it('passes the converted value and the data to @Transform', () => {
    const told: unknown[] = []
    class Holder {
      @Type(() => Point)
      @Transform(({ value, key, obj }: { value: unknown, key: string, obj: object }) => {
        told.push(key, obj)
        return [value]
      })
      point!: unknown
    }
    const data = { point: { x: 1 }, other: {} }
    expect(instantiate(Holder, data).point).toEqual([expect.any(Point)])
    expect(told).toEqual(['point', data])
  })

  it('inherits decorators of properties but not decorators of the class itself', () => {
    @Exclude()
    class Base {
      @Expose() name!: string
      secret?: string
      @Type(() => Point) point!: Point
    }
    class Derived extends Base {
      @Exclude() gone?: string
    }
    const data = { name: 'n', secret: 's', point: {}, gone: 1 }
    expect({ ...instantiate(Base, data) }).toEqual({ name: 'n' })
    const derived = instantiate(Derived, data)
    expect({ ...derived }).toEqual({ name: 'n', secret: 's', point: expect.any(Point) })
    expect(derived.point).toBeInstanceOf(Point)
  })

  it('contains nested instances whose constructors cannot be called', () => {
    class Money {
      readonly amount: number
      constructor ({ amount }: { amount: number }) { this.amount = amount }
    }
    class Price {
      @Type(() => Money) money!: Money
    }
    expect(instantiate(Price, { money: { amount: 3 } }).money).toEqual(new Money({ amount: 3 }))
  })

  it('costs memory and time in proportion to the data', () => {
    class Upload {
      @Type(() => Buffer) bytes!: Buffer
    }
    expect(() => instantiate(Upload, { bytes: { length: 2 ** 30 } })).toThrow('is no Buffer')
    const bytes = JSON.parse(JSON.stringify(Buffer.from('ab'))) as object
    expect(instantiate(Upload, { bytes }).bytes).toEqual(Buffer.from('ab'))

    class Tags {
      @Type(() => Array) tags!: string[]
    }
    expect(() => instantiate(Tags, { tags: { length: 2 ** 30 } })).toThrow('an object is no Array')

    class Tree {
      @Type(() => Tree) children!: unknown
    }
    let children: unknown = []
    for (let n = 0; n < 60; n++) children = [children, children]
    expect(instantiate(Tree, { children }).children).toHaveLength(2)
    for (let n = 0; n < 100_000; n++) children = { children: [children] }
    expect(() => instantiate(Tree, { children })).toThrow('it is nested too deeply')
    // One key for each number: what looks each of them up in all the others takes minutes.
    const many = Object.fromEntries(Array.from({ length: 200_000 }, (_, n) => [`k${n}`, n]))
    expect(Object.keys(instantiate(Tree, many))).toHaveLength(200_000)
  })
})
