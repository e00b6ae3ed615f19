import { Type } from 'class-transformer'
import {
  IsEnum, IsInt, IsOptional, IsString, Length, Matches, Validate, ValidateIf, ValidateNested, ValidatorConstraint
} from 'class-validator'
import type { Contract } from 'feathers-mesh'
import { withHash } from '../../lib/contract/contract-hash'
import { shapeOf } from '../../lib/validation/data-shape'

class Address {
  @IsString() street!: string
}

class Person {
  @IsString() @Length(1, 5) name!: string
  @IsOptional() @Matches(/^\d+$/i) phone?: string
  @IsEnum({ a: 1, b: 'x' }) kind!: unknown
  @ValidateIf(() => true) @IsInt({ each: true }) ages!: number[]
  @ValidateNested() @Type(() => Address) address!: Address
  @ValidateNested({ each: true }) @Type(() => Person) children!: Person[]
}

class Place {
  @IsString() street!: string
}

/** The same rules, written in another order, under another name. */
class Human {
  @Type(() => Human) @ValidateNested({ each: true }) children!: Human[]
  @Type(() => Place) @ValidateNested() address!: Place
  @IsInt({ each: true, message: 'whole ones' }) @ValidateIf(() => false) ages!: number[]
  @IsEnum({ a: 1, b: 'x' }) kind!: unknown
  @Matches(/^\d+$/i) @IsOptional() phone?: string
  @Length(1, 5) @IsString() name!: string
}

describe('the shape of data', () => {
  it('is the same in every process and every version of Node.js', () => {
    expect(shapeOf(Address)).toBe('72596efbb356af03')
    expect(shapeOf(Person)).toBe('e12426a1e321381f')
  })

  it('is the same for equal rules, whatever the name of the class and the order of the rules', () => {
    expect(shapeOf(Human)).toBe(shapeOf(Person))
    expect(shapeOf(Place)).toBe(shapeOf(Address))
    class Inherits extends Address {}
    expect(shapeOf(Inherits)).toBe(shapeOf(Address))
  })

  it('exists even when only the data decides on a nested class', () => {
    class Dynamic {
      @ValidateNested() @Type(options => options?.object.kind === 'person' ? Person : Address) value!: unknown
    }
    class Unreadable {
      @ValidateNested() @Type(options => (options?.object.kind as object).valueOf() === 1 ? Person : Address)
      value!: unknown
    }
    expect(shapeOf(Dynamic)).toMatch(/^[0-9a-f]{16}$/)
    expect(shapeOf(Unreadable)).toMatch(/^[0-9a-f]{16}$/)
  })

  it('is undefined without rules', () => {
    class Free {
      name!: string
    }
    expect(shapeOf(Free)).toBeUndefined()
  })

  it('differs when a rule, its arguments, a property or a nested class differs', () => {
    class One { @Length(1, 5) name!: string }
    class Longer { @Length(1, 6) name!: string }
    class Renamed { @Length(1, 5) title!: string }
    class Each { @Length(1, 5, { each: true }) name!: string }
    class Grouped { @Length(1, 5, { groups: ['a'] }) name!: string }
    class Optional { @IsOptional() @Length(1, 5) name!: string }
    class Inherited extends One { @IsString() more!: string }
    class Nested { @ValidateNested() @Type(() => One) name!: One }
    class OtherNested { @ValidateNested() @Type(() => Longer) name!: Longer }
    const shapes = [One, Longer, Renamed, Each, Grouped, Optional, Inherited, Nested, OtherNested].map(shapeOf)
    expect(new Set(shapes).size).toBe(shapes.length)
  })

  it('accepts any argument of a rule', () => {
    const circle: Record<string, unknown> = {}
    circle.self = circle
    @ValidatorConstraint({ name: 'odd' })
    class Odd {
      validate (): boolean { return true }
    }
    class Strange {
      @Validate(Odd, [circle, 1n, Symbol('s'), new Date(0), Odd, undefined]) value!: unknown
    }
    expect(shapeOf(Strange)).toEqual(expect.any(String))
  })
})

describe('the hash of a contract', () => {
  const contract: Contract = {
    path: 'todos',
    methods: [
      { name: 'find', idempotent: true },
      { name: 'create', idempotent: false, shapes: { data: 'a', result: 'Todo' } }
    ],
    events: ['created', 'completed']
  }
  const hashOf = (changed: Partial<Contract>): string | undefined => withHash({ ...contract, ...changed }).hash

  it('is the same in every process and every version of Node.js', () => {
    expect(hashOf({})).toBe('c1f7a1c7deb68151')
  })

  it('does not depend on the order of methods and events or on fields other than shapes', () => {
    expect(hashOf({
      path: 'others',
      version: '2',
      events: ['completed', 'created'],
      methods: [
        { name: 'create', idempotent: true, timeout: 5, shapes: { result: 'Todo', data: 'a' } },
        { name: 'find', idempotent: false }
      ]
    })).toBe(hashOf({}))
  })

  it('differs when a method, an event or a shape differs', () => {
    const [find, create] = contract.methods
    const hashes = [
      {}, { events: ['created'] }, { methods: [find] },
      { methods: [find, { ...create, shapes: { data: 'b', result: 'Todo' } }] },
      { methods: [find, { ...create, shapes: { data: 'a', result: 'Task' } }] }
    ].map(hashOf)
    expect(new Set(hashes).size).toBe(hashes.length)
  })
})
