import { BadRequest } from '@feathersjs/errors'
import { Type } from 'class-transformer'
import { IsArray, IsInt, IsString, Length, MinLength, ValidateNested } from 'class-validator'
import { hasRules, validateData, type DataFault } from '../../lib/contract/validate-data'
import { rejection } from '../until'

class Address {
  @IsString() street!: string
}

class Person {
  @IsString() @Length(1, 5) name!: string
  @ValidateNested() @Type(() => Address) address?: Address
  @IsArray() @MinLength(2, { each: true }) tags: string[] = []
  @ValidateNested({ each: true }) @Type(() => Address) former?: Address[]
}

const ann = { name: 'ann', address: { street: 'Main' }, tags: ['ab'], former: [{ street: 'Old' }] }

const check = async (data: unknown, takesList = true): Promise<unknown> =>
  await validateData('people.create()', { type: Person, takesList }, data)
const faultsOf = async (data: unknown): Promise<DataFault[]> => (
  await rejection<BadRequest>(check(data))
).errors as DataFault[]

describe('a list', () => {
  it('is refused where one piece of data is expected', async () => {
    const fault = { path: '', constraints: { isObject: 'data must be an object' } }
    expect(await rejection(check([ann], false))).toMatchObject({ name: 'BadRequest', errors: [fault] })
    expect(await rejection(check([], false))).toMatchObject({ name: 'BadRequest', errors: [fault] })
  })
})

describe('good data', () => {
  it('comes back as an instance of its class, nested ones too', async () => {
    const person = await check(ann) as Person
    expect(person).toBeInstanceOf(Person)
    expect(person.address).toBeInstanceOf(Address)
    expect({ ...person }).toEqual(ann)
  })

  it('comes back as a list of instances when it is a list', async () => {
    const people = await check([ann, { ...ann, name: 'bob' }]) as Person[]
    expect(people.map(({ name }) => name)).toEqual(['ann', 'bob'])
    for (const person of people) expect(person).toBeInstanceOf(Person)
  })

  it('may be an empty list', async () => {
    expect(await check([])).toEqual([])
  })

  it('is not the object that was given, which stays as it was', async () => {
    const given = structuredClone(ann)
    expect(await check(given)).not.toBe(given)
    expect(given).toEqual(ann)
  })
})

describe('bad data', () => {
  it('is refused with BadRequest, and all rules that it breaks', async () => {
    const error = await rejection<BadRequest>(check({ ...ann, name: 7 }))
    expect(error).toBeInstanceOf(BadRequest)
    expect(error.errors).toEqual([{
      path: 'name',
      constraints: {
        isString: 'name must be a string',
        isLength: expect.stringContaining('name must be ')
      }
    }])
    expect(error.message).toMatch(/^people\.create\(\): .*name must be a string/)
  })

  it('is refused with the path to what is nested', async () => {
    expect((await faultsOf({ ...ann, address: { street: 1 }, former: [{ street: 'ok' }, {}] })).map(({ path }) => path))
      .toEqual(['address.street', 'former.1.street'])
  })

  it('in a list is refused with the place in it', async () => {
    expect((await faultsOf([ann, { ...ann, name: '' }])).map(({ path }) => path)).toEqual(['1.name'])
    expect((await faultsOf([ann, { ...ann, address: {} }])).map(({ path }) => path)).toEqual(['1.address.street'])
  })

  it.each<[unknown]>([
    [undefined], [null], [true], [7], ['text'], [''], [1n]
  ])('is refused when it is %p', async data => {
    const error = await rejection<BadRequest>(check(data))
    expect(error).toMatchObject({ code: 400, message: 'people.create(): data must be an object' })
    expect(error.errors).toEqual([{ path: '', constraints: { isObject: 'data must be an object' } }])
  })

  it('in a list is refused when an item is no object', async () => {
    expect(await faultsOf([ann, 'text'])).toEqual([{ path: '1', constraints: { isObject: 'data must be an object' } }])
  })

  it('that would change prototypes changes none', async () => {
    const data: unknown = JSON.parse(
      '{"name":"ann","__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}'
    )
    await check(data).catch(() => {})
    expect(({} as { admin?: boolean }).admin).toBeUndefined()
    expect((new Person() as { admin?: boolean }).admin).toBeUndefined()
  })
})

describe('whether a type has rules', () => {
  class Inherits extends Person {}
  class Free {
    name!: string
  }

  it.each<[unknown, boolean]>([
    [Person, true], [Inherits, true], [Free, false], [Object, false], [Array, false], [String, false],
    [undefined, false], [null, false], ['Person', false]
  ])('is told of %p: %p', (type, has) => {
    expect(hasRules(type)).toBe(has)
  })

  it('makes no difference for data of a class without any', async () => {
    class Counted {
      @IsInt() count!: number
    }
    await expect(validateData('x', { type: Counted, takesList: false }, { count: 1 })).resolves.toBeInstanceOf(Counted)
    await expect(validateData('x', { type: Free, takesList: false }, { name: 7 })).resolves.toEqual({ name: 7 })
  })
})
