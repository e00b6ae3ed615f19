import { Transform, Type, plainToInstance } from 'class-transformer'
import { IsInt, IsString, ValidateNested } from 'class-validator'
import { instantiate } from '../../lib/contract/instantiate'
import { nestedFaults } from '../../lib/contract/nested-types'

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
  it('is accepted where the class that it is for is known', () => {
    expect(nestedFaults('here', Seen)).toEqual([])
    class Inherits extends Seen {}
    expect(nestedFaults('here', Inherits)).toEqual([])
  })

  it('is refused where nothing says the class, with both causes and the remedies', () => {
    expect(OtherType).not.toBe(Type)
    expect(nestedFaults('here', Unseen)).toEqual([expect.stringMatching(CAUSE)])
  })

  it('is refused at any depth: in a base, in lists, in maps and in subtypes', () => {
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

  it('is accepted where a transformation gives the instances, which are looked at when they come', () => {
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

  it('is refused when data comes for a class that only the data names', () => {
    class Dynamic {
      @Type(options => (options?.object as { strict?: boolean }).strict === true ? Unseen : Line) value!: unknown
    }
    expect(nestedFaults('here', Dynamic)).toEqual([])
    expect(() => instantiate(Dynamic, { strict: true, value: { lines: [{ quantity: 'x' }] } })).toThrow('two copies')
    expect(instantiate(Unseen, { lines: [] }).lines).toEqual([])
  })
})
