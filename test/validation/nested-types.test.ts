import { Expose, Transform, Type, plainToInstance } from 'class-transformer'
import { IsInt, IsString, ValidateNested, validate } from 'class-validator'
import { instantiate } from '../../lib/validation/instantiate'
import { nestedFaults } from '../../lib/validation/nested-types'

class Line {
  @IsInt() quantity!: number
}

/** The decorators of another copy of class-transformer. */
function otherCopy (): { Type: typeof Type } {
  let copy: { Type: typeof Type } | undefined
  jest.isolateModules(() => { copy = jest.requireActual('class-transformer') })
  return copy as { Type: typeof Type }
}

const { Type: OtherType } = otherCopy()

class Seen {
  @ValidateNested({ each: true }) @Type(() => Line) lines!: Line[]
}

class Unseen {
  @ValidateNested({ each: true }) @OtherType(() => Line) lines!: Line[]
}

const CAUSE = /^here: Unseen#lines has @ValidateNested\(\).*@Type\(\(\) => TheClass\).*two copies of class-transformer/

describe('a nested rule', () => {
  it('is accepted when its class is known', () => {
    expect(nestedFaults('here', Seen)).toEqual([])
    class Inherits extends Seen {}
    expect(nestedFaults('here', Inherits)).toEqual([])
  })

  it('is refused with both causes and remedies when nothing names its class', () => {
    expect(OtherType).not.toBe(Type)
    expect(nestedFaults('here', Unseen)).toEqual([expect.stringMatching(CAUSE)])
  })

  it('is refused at any depth, in base classes, lists, maps and subtypes', () => {
    class Inherits extends Unseen {}
    class Deep {
      @IsString() name!: string
      @ValidateNested() @Type(() => Unseen) unseen!: Unseen
    }
    class Mapped {
      @ValidateNested({ each: true }) @Type(() => Unseen) unseen!: Map<string, Unseen>
    }
    class Only {
      @Type(() => Unseen) unseen!: Unseen
    }
    class Sub {
      @ValidateNested()
      @Type(() => Line, { discriminator: { property: 'kind', subTypes: [{ name: 'u', value: Unseen }] } })
      one!: Line
    }
    class Circle {
      @ValidateNested() @Type(() => Circle) circle!: Circle
      @ValidateNested() @Type(() => Deep) deep!: Deep
    }
    for (const type of [Deep, Mapped, Only, Sub, Circle]) {
      expect([type.name, nestedFaults('here', type)]).toEqual([type.name, [expect.stringMatching(CAUSE)]])
    }
    expect(nestedFaults('here', Inherits)).toEqual([expect.stringContaining('Inherits#lines')])
  })

  it('is accepted when @Transform returns instances, which are checked on arrival', () => {
    class Made {
      @ValidateNested() @Transform(({ value }: { value: object }) => plainToInstance(Line, value)) line!: Line
    }
    class Passed {
      @ValidateNested() @Transform(({ value }: { value: object }) => value) line!: Line
    }
    expect([...nestedFaults('here', Made), ...nestedFaults('here', Passed)]).toEqual([])
    expect(instantiate(Made, { line: { quantity: 1 } }).line).toBeInstanceOf(Line)
    expect(() => instantiate(Passed, { line: { quantity: 1 } })).toThrow(/Passed#line has @ValidateNested/)
  })

  it('is refused on arrival of data when only the data selects its class', () => {
    class Dynamic {
      @Type(options => (options?.object as { strict?: boolean }).strict === true ? Unseen : Line) value!: unknown
    }
    expect(nestedFaults('here', Dynamic)).toEqual([])
    expect(() => instantiate(Dynamic, { strict: true, value: { lines: [{ quantity: 'x' }] } })).toThrow('two copies')
    expect(instantiate(Unseen, { lines: [] }).lines).toEqual([])
  })
})

describe('the data for one nested instance', () => {
  class Owner {
    @IsString() name!: string
  }
  class Renamed {
    @Expose({ name: 'the_owner' }) @ValidateNested() @Type(() => Owner) owner!: Owner
  }
  class Taken {
    @Transform(({ value, obj }) => (obj as { alias?: unknown }).alias ?? value as unknown)
    @ValidateNested() @Type(() => Owner) owner!: Owner
  }
  const lists: Array<[string, unknown]> = [
    ['an empty list', []], ['a list of lists', [[], []]], ['a list of instances', [{ name: 'x' }]],
    ['an empty Map', new Map()], ['an empty Set', new Set()]
  ]

  it.each(lists)('cannot be %s, whatever the property is called in the data', async (_what, list) => {
    expect(await validate(instantiate(Renamed, { the_owner: list }))).not.toEqual([])
    expect(await validate(instantiate(Taken, { owner: { name: 'a' }, alias: list }))).not.toEqual([])
  })

  it('is refused when its converted form has no rules', () => {
    class Animal {}
    class Cat extends Animal {
      @IsInt() lives!: number
    }
    class Home {
      @ValidateNested()
      @Type(() => Animal, { discriminator: { property: 'kind', subTypes: [{ name: 'cat', value: Cat }] } })
      pet!: Animal
    }
    expect(nestedFaults('here', Home)).toEqual([])
    expect(instantiate(Home, { pet: { kind: 'cat', lives: 9 } }).pet).toBeInstanceOf(Cat)
    for (const pet of [{ kind: 'dragon' }, {}, { kind: ['cat'] }]) {
      expect(() => instantiate(Home, { pet })).toThrow('Home#pet has @ValidateNested(), and what @Type says of it')
    }
  })

  it.each([['a class without rules', class Bare {}], ['Object', Object]])(
    'is refused at start when @Type names %s', (_what, type) => {
      class Holder {
        @ValidateNested() @Type(() => type) owner!: object
      }
      expect(nestedFaults('here', Holder)).toEqual([
        `here: Holder#owner has @ValidateNested(), and what @Type says of it, ${type.name}, has no rules of ` +
          'class-validator: give each class that it may be of a rule, or take @ValidateNested() away'
      ])
    })

  it('may be lists of lists with the rules of their items', async () => {
    class Grid {
      @ValidateNested({ each: true }) @Type(() => Owner) rows!: Owner[][]
    }
    expect(await validate(instantiate(Grid, { rows: [[{ name: 'a' }], []] }))).toEqual([])
    expect(await validate(instantiate(Grid, { rows: [[{ name: 'a' }, { name: 5 }]] }))).not.toEqual([])
  })

  it('may be an instance of a subclass of Array', async () => {
    class Owners extends Array<Owner> {}
    class Club {
      @ValidateNested({ each: true }) @Type(() => Owner) owners!: Owners
    }
    expect(await validate(instantiate(Club, { owners: [{ name: 'a' }] }))).toEqual([])
    expect(await validate(instantiate(Club, { owners: [{ name: 5 }] }))).not.toEqual([])
  })
})
