import { BadRequest } from '@feathersjs/errors'
import { Transform, Type } from 'class-transformer'
import {
  IsArray, IsBoolean, IsInt, IsOptional, IsString, Length, Matches, MinLength, ValidateNested, type ValidatorOptions
} from 'class-validator'
import type { Class } from 'feathers-mesh'
import { hasRules, isOwnClass } from '../../lib/validation/class-types'
import { validateArguments, type DataFault } from '../../lib/validation/validate-arguments'
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

const check = async (data: unknown, takesList = true, validation: ValidatorOptions = {}): Promise<unknown> =>
  (await validateArguments('people.create()', { data: { type: Person, takesList }, validation }, { data })).data
const faultsOf = async (data: unknown): Promise<DataFault[]> => (
  await rejection<BadRequest>(check(data))
).errors as DataFault[]

describe('a list', () => {
  it('is refused when a single object is expected', async () => {
    const fault = { path: '', constraints: { isObject: 'data must be an object' } }
    expect(await rejection(check([ann], false))).toMatchObject({ name: 'BadRequest', errors: [fault] })
    expect(await rejection(check([], false))).toMatchObject({ name: 'BadRequest', errors: [fault] })
  })
})

describe('a map or a set', () => {
  it.each([
    ['the data', new Map([['name', 5]])], ['the data', new Set([1])], ['an item', [new Map()]]
  ])('is refused in place of an object as %s', async (_what, data) => {
    expect((await faultsOf(data)).map(({ constraints }) => Object.keys(constraints))).toEqual([['isObject']])
  })

  class Pet {
    @ValidateNested() @Type(() => Address) home!: Address | null
    @ValidateNested({ each: true }) @Type(() => Address) former?: Address[] | null
  }

  it.each([[[]], [new Set()], [new Map()]])('cannot bypass the rules of a nullable property, like %p', async home => {
    const rules = { data: { type: Pet, takesList: false }, validation: {} }
    const validate = async (data: object): Promise<unknown> => await validateArguments('pets.create()', rules, { data })
    expect(await rejection(validate({ home }))).toMatchObject({ errors: [{ path: 'home' }] })
    await validate({ home: { street: 'Main' }, former: [{ street: 'Old' }] })
  })
})

describe('valid data', () => {
  it('is returned as an instance with nested instances', async () => {
    const person = await check(ann) as Person
    expect(person).toBeInstanceOf(Person)
    expect(person.address).toBeInstanceOf(Address)
    expect({ ...person }).toEqual(ann)
  })

  it('is returned as a list of instances when it is a list', async () => {
    const people = await check([ann, { ...ann, name: 'bob' }]) as Person[]
    expect(people.map(({ name }) => name)).toEqual(['ann', 'bob'])
    for (const person of people) expect(person).toBeInstanceOf(Person)
  })

  it('may be an empty list', async () => {
    expect(await check([])).toEqual([])
  })

  it('is copied, and the original stays unchanged', async () => {
    const given = structuredClone(ann)
    expect(await check(given)).not.toBe(given)
    expect(given).toEqual(ann)
  })
})

describe('invalid data', () => {
  it('is refused with BadRequest and every violated rule', async () => {
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

  it('is refused with the path of a nested value', async () => {
    expect((await faultsOf({ ...ann, address: { street: 1 }, former: [{ street: 'ok' }, {}] })).map(({ path }) => path))
      .toEqual(['address.street', 'former.1.street'])
  })

  it.each<[string, unknown]>([
    ['an empty list', []], ['a list', [{ street: 'Main' }]], ['a set', new Set()], ['a map', new Map()]
  ])('is refused when %s in place of a nested object would bypass its rules', async (_what, address) => {
    const constraints = { nestedValidation: 'nested property address must be either object or array' }
    expect(await faultsOf({ ...ann, address })).toEqual([{ path: 'address', constraints }])
  })

  it('is refused with the index of the item when it is a list', async () => {
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

  it('is refused when an item of a list is not an object', async () => {
    expect(await faultsOf([ann, 'text'])).toEqual([{ path: '1', constraints: { isObject: 'data must be an object' } }])
  })

  it('is refused when no instance can be made of it', async () => {
    class Shouted {
      @IsString() @Transform(({ value }: { value: string }) => value.toUpperCase()) text!: string
    }
    const rules = { data: { type: Shouted, takesList: false }, validation: {} }
    expect(await rejection(validateArguments('x.create()', rules, { data: { text: 7 } }))).toMatchObject({
      name: 'BadRequest',
      errors: [{ path: '', constraints: { isInstance: expect.stringContaining("data can't be made a Shouted") } }]
    })
  })

  it('is refused when it refers to itself in a nested rule', async () => {
    class Branch {
      @ValidateNested({ each: true }) @Type(() => Branch) branches!: Branch[]
    }
    const root: { branches: unknown[] } = { branches: [] }
    root.branches.push(root)
    const rules = { data: { type: Branch, takesList: false }, validation: {} }
    expect(await rejection(validateArguments('x.create()', rules, { data: root }))).toMatchObject({
      name: 'BadRequest', message: 'x.create(): data refers to itself or is nested too deeply'
    })
  })

  it('cannot change prototypes', async () => {
    const data: unknown = JSON.parse(
      '{"name":"ann","__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}'
    )
    await check(data).catch(() => {})
    expect(({} as { admin?: boolean }).admin).toBeUndefined()
    expect((new Person() as { admin?: boolean }).admin).toBeUndefined()
  })
})

describe('the check whether a type has rules', () => {
  class Inherits extends Person {}
  class Free {
    name!: string
  }

  it.each<[unknown, boolean]>([
    [Person, true], [Inherits, true], [Free, false], [Object, false], [Array, false], [String, false],
    [undefined, false], [null, false], ['Person', false]
  ])('answers for %p with %p', (type, has) => {
    expect(hasRules(type)).toBe(has)
  })

  it('does not affect whether data becomes an instance', async () => {
    const rules = { data: { type: Free, takesList: false }, validation: {} }
    const made = await validateArguments('x', rules, { data: { name: 7 } })
    expect(made.data).toBeInstanceOf(Free)
    expect(made.data).toEqual({ name: 7 })
  })

  it('applies only to classes of the program', () => {
    const others = [Object, Array, String, Number, Date, Map, Promise, Buffer, URL, undefined, 'Person', () => {}]
    for (const type of others) expect(isOwnClass(type)).toBe(false)
    for (const type of [Person, Free]) expect(isOwnClass(type)).toBe(true)
  })
})

describe('the options of class-validator', () => {
  it('can remove or forbid properties without rules', async () => {
    expect(await check({ ...ann, admin: true }, false, { whitelist: true })).not.toHaveProperty('admin')
    const fault = { path: 'admin', constraints: { whitelistValidation: 'property admin should not exist' } }
    const options = { whitelist: true, forbidNonWhitelisted: true }
    expect(await rejection(check({ ...ann, admin: true }, false, options))).toMatchObject({ errors: [fault] })
  })

  it('do not forbid declared properties that the data lacks', async () => {
    class Patch {
      @IsOptional() @IsString() title?: string
      note?: string
    }
    const validation = { whitelist: true, forbidNonWhitelisted: true }
    const rules = { data: { type: Patch, takesList: false }, validation }
    const { data } = await validateArguments('x', rules, { data: { title: 'a' } })
    expect(Object.keys(data as object)).toEqual(['title'])
  })

  it('can select rules by groups', async () => {
    class Account {
      @IsString({ groups: ['create'] }) password!: string
      @IsString({ always: true }) name!: string
    }
    const data = { type: Account, takesList: false }
    const faults = async (groups: string[]): Promise<unknown> =>
      (await rejection<BadRequest>(validateArguments('x', { data, validation: { groups } }, { data: {} }))).errors
    expect(await faults(['create'])).toMatchObject([{ path: 'password' }, { path: 'name' }])
    expect(await faults(['update'])).toMatchObject([{ path: 'name' }])
  })
})

describe('an id', () => {
  const id = async (type: Class<object>, given: unknown): Promise<unknown> =>
    (await validateArguments('x.get()', { id: type, validation: {} }, { id: given })).id

  it.each<[unknown, number]>([
    [7, 7], ['7', 7], ['-7', -7], ['007', 7], ['1.5', 1.5], [0, 0], ['9007199254740991', 9007199254740991]
  ])('becomes a number when it is numeric, like %p', async (given, number) => {
    expect(await id(Number, given)).toBe(number)
  })

  it.each<[unknown]>([
    [NaN], [Infinity], ['NaN'], ['seven'], [''], [' '], ['7 '], ['0x10'], ['1e3'], ['Infinity'], ['9007199254740993'],
    [null], [undefined], [true], [{}], [[7]], [7n]
  ])('is refused when it must be a number and is %p', async given => {
    const fault = { path: 'id', constraints: { isNumber: 'id must be a number' } }
    expect(await rejection(id(Number, given))).toMatchObject({
      name: 'BadRequest', message: 'x.get(): id must be a number', errors: [fault]
    })
  })

  it('becomes a string when its type is String', async () => {
    expect(await id(String, 7)).toBe('7')
    expect(await id(String, 'a')).toBe('a')
    for (const given of ['', null, undefined, {}, NaN]) {
      const fault = { path: 'id', constraints: { isString: 'id must be a string' } }
      expect(await rejection(id(String, given))).toMatchObject({ errors: [fault] })
    }
  })

  it('is validated by the property `id` when its type is a class', async () => {
    class TodoId {
      @Matches(/^[a-z]+$/) @Transform(({ value }: { value: string }) => value.toLowerCase()) id!: string
    }
    expect(await id(TodoId, 'ABC')).toBe('abc')
    const fault = { path: 'id', constraints: { matches: expect.any(String) } }
    expect(await rejection(id(TodoId, '12'))).toMatchObject({ errors: [fault] })
  })
})

describe('a query', () => {
  class TodoQuery {
    @IsOptional() @IsBoolean() @Transform(({ value }) => value === 'true' ? true : value as unknown)
    done?: boolean
    @IsOptional() @IsInt() @Type(() => Number) $limit?: number
  }
  const query = async (given: unknown): Promise<unknown> =>
    (await validateArguments('x.find()', { query: TodoQuery, validation: {} }, { query: given })).query

  it('becomes an instance, even when it is missing', async () => {
    expect({ ...await query({ done: 'true', $limit: '5' }) as object }).toEqual({ done: true, $limit: 5 })
    expect(await query(undefined)).toBeInstanceOf(TodoQuery)
    expect(Object.keys(await query(undefined) as object)).toEqual([])
  })

  it('is refused with paths below `query`', async () => {
    const error = await rejection<BadRequest>(query({ done: 'maybe', $limit: 'x' }))
    expect((error.errors as DataFault[]).map(({ path }) => path)).toEqual(['query.done', 'query.$limit'])
    const fault = { path: 'query', constraints: { isObject: 'query must be an object' } }
    expect(await rejection(query('text'))).toMatchObject({ errors: [fault] })
  })
})

describe('several invalid arguments', () => {
  it('are refused in one error', async () => {
    const rules = { id: Number, data: { type: Person, takesList: false }, query: Address, validation: {} }
    const given = { id: 'x', data: { ...ann, name: 7 }, query: {} }
    const error = await rejection<BadRequest>(validateArguments('x.patch()', rules, given))
    expect((error.errors as DataFault[]).map(({ path }) => path)).toEqual(['id', 'name', 'query.street'])
  })

  it('are listed completely in `errors` and partly in the message', async () => {
    const error = await rejection<BadRequest>(check(Array.from({ length: 12 }, () => ({ ...ann, tags: 7 }))))
    expect(error.errors).toHaveLength(12)
    expect(error.message).toMatch(/; and \d+ more$/)
  })
})
