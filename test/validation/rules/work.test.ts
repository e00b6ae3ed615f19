import { Type } from 'class-transformer'
import * as classValidator from 'class-validator'
import {
  ArrayContains, ArrayUnique, IsArray, IsByteLength, IsEmail, IsHSL, IsInt, IsJSON, IsNotEmptyObject, IsOptional,
  IsPhoneNumber, IsString, IsTimeZone, Length, Matches, ValidateNested, validateSync
} from 'class-validator'
import { PrimitiveKind } from './primitive-kind'
import { MAX_FAULT_TEXT, MAX_FAULTS } from '../../../lib/validation/rules/faults'
import { CheckWork, MAX_SMALL_WORK, MAX_WORK_AT_ONCE, TooMuchWork } from '../../../lib/validation/rules/work'
import { instantiate } from '../../../lib/validation/instantiate'
import { RULE_WEIGHTS, TEXT_WEIGHTS } from '../../../lib/validation/rules/rule-weights'
import { rejection } from '../../until'
import { check, faultsOf, Item, Node, ran } from './graph'

class List {
  @IsOptional() @IsArray() @IsString({ each: true }) tags?: string[]
  @IsOptional() @ValidateNested({ each: true }) @Type(() => Item) items?: Item[]
  @IsOptional() @ArrayUnique() @IsInt({ each: true }) numbers?: number[]
  @IsOptional() @Type(() => Number) counts?: number[]
}

class Person {
  @IsOptional() @IsPhoneNumber() phone?: string
  @IsOptional() @IsTimeZone() zone?: string
  @IsOptional() @IsPhoneNumber(undefined, { each: true }) phones?: string[]
  @IsOptional() @IsTimeZone({ each: true }) zones?: string[]
  @IsOptional() @IsEmail({}, { each: true }) emails?: string[]
}

class Texts {
  @IsOptional() @IsString() @Length(0, 10_000_000) text?: string
  @IsOptional() @IsJSON() json?: string
  @IsOptional() @IsHSL() colour?: string
  @IsOptional() @IsByteLength(0, 10_000_000) bytes?: string
  @IsOptional() @IsJSON({ each: true }) jsons?: string[]
}

class Wide {
  @IsOptional() @IsNotEmptyObject({ nullable: false }, { each: true }) each?: object[]
  @IsOptional() @IsNotEmptyObject({ nullable: false }) one?: object
}

const LIST = { takesList: true }

const chain = (levels: number): object => levels === 0 ? {} : { left: chain(levels - 1) }
const numbers = (many: number): number[] => Array.from({ length: many }, (_, n) => n)

/** How many turns others had while something was done. */
async function turnsDuring (act: Promise<unknown>): Promise<number> {
  let turns = 0
  let goesOn = true
  const next = (): void => { turns++; if (goesOn) setImmediate(next) }
  setImmediate(next)
  await act.catch(() => {})
  goesOn = false
  return turns
}

describe('the check of large data', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['a list of objects', () => check(Node, numbers(50_000).map(() => ({})), LIST)],
    ['a list of objects with more', () => check(Item, numbers(50_000).map(() => ({ name: 'x', n: [[]] })), LIST)],
    ['a list in an object', () => check(List, { items: numbers(50_000).map(() => ({ name: 'a' })) })],
    ['deep trees', () => check(Node, numbers(100).map(() => chain(400)), LIST)],
    ['lists of texts in many objects', () => check(List, numbers(5_000).map(() => ({ tags: ['a', 'b'] })), LIST)]
  ])('gives others a turn again and again for %s', async (_what, act) => {
    expect(await turnsDuring(act())).toBeGreaterThan(5)
  })

  it.each<[string, () => Promise<unknown>]>([
    ['phone numbers', () => check(Person, numbers(300).map(() => ({ phone: '1234567890' })), LIST)],
    ['time zones', () => check(Person, numbers(200).map(() => ({ zone: 'Europe/Berlin' })), LIST)],
    ['lists of phone numbers', () => check(Person, numbers(30).map(() => ({ phones: ['1', '2', '3', '4'] })), LIST)]
  ])('gives others a turn where rules take long for each value: %s', async (_what, act) => {
    expect(await turnsDuring(act())).toBeGreaterThan(2)
  })

  it('is not refused for rules that take long, as long as each list of them is short', async () => {
    const people = numbers(3_000).map(n => ({ phones: [`+4930${100_000 + n}`], emails: [`a${n}@example.com`] }))
    expect(await check(Person, people, LIST)).toHaveLength(3_000)
  })

  it('goes on without a turn when data is small', async () => {
    expect(await turnsDuring(check(List, { items: [{ name: 'a' }], tags: ['x'] }))).toBe(0)
  })
})

describe('data that stands for more work than its size', () => {
  // 90 bytes on their way.
  const holes: unknown[] = []
  holes[2 ** 23 - 1] = 'last'

  it.each<[string, object]>([
    ['holes in a list with rules', { tags: holes }],
    ['holes in a list of instances', { items: holes }],
    ['holes in a list of converted values', { counts: holes }],
    ['many different numbers', { numbers: numbers(30_000) }],
    ['very many texts', { tags: numbers(500_000).map(String) }]
  ])('is refused when it is %s', async (_what, data) => {
    let looks = 0
    const watch = (list: object): object => new Proxy(list, {
      get: (target, key) => { looks++; return Reflect.get(target, key) as unknown },
      has: (target, key) => { looks++; return Reflect.has(target, key) }
    })
    const watched = Object.fromEntries(Object.entries(data).map(([name, list]) => [name, watch(list as object)]))
    expect(await faultsOf(List, watched)).toHaveLength(1)
    expect(looks).toBeLessThan(2_000_000)
  })

  it('is refused when it is a list with holes of objects, or where one object is meant', async () => {
    expect(await faultsOf(Item, holes, { takesList: true })).toMatchObject([{ path: '' }])
    expect(await faultsOf(Item, holes)).toMatchObject([{ path: '' }])
  })

  it('is refused when many objects share a list with rules for its items', async () => {
    const tags = numbers(2_000).map(String)
    const error = await rejection(check(List, numbers(3_000).map(() => ({ tags })), { takesList: true }))
    const isCheckable = expect.stringContaining('more work to check than its size allows') as unknown
    const errors = [{ path: 'tags', constraints: { isCheckable } }]
    expect(error).toMatchObject({ name: 'BadRequest', data: { code: 'MESH_INVALID' }, errors })
  })

  it('is refused when one list has very many values for a rule that takes long', async () => {
    for (const [name, many] of [['phones', 5_000], ['zones', 2_000], ['emails', 50_000]] as const) {
      expect(await faultsOf(Person, { [name]: numbers(many).map(String) })).toMatchObject([{ path: name }])
    }
  })

  it('is refused when objects share a list with a rule that takes long', async () => {
    const phones = numbers(500).map(String)
    expect(await faultsOf(Person, numbers(100).map(() => ({ phones })), LIST)).toMatchObject([{ path: 'phones' }])
  })

  it('is taken when the same work is in its bytes', async () => {
    const list = await check(List, numbers(300).map(() => ({ tags: numbers(2_000).map(String) })), { takesList: true })
    expect(list).toHaveLength(300)
  })

  it('is refused when a list in a list has many different numbers, or many lists share one with a rule', async () => {
    class Rows {
      @IsOptional() @ArrayUnique({ each: true }) rows?: number[][]
      @IsOptional() @ArrayContains([1], { each: true }) all?: number[][]
    }
    expect(await faultsOf(Rows, { rows: [numbers(30_000)] })).toMatchObject([{ path: 'rows' }])
    const long = numbers(100_000)
    expect(await faultsOf(Rows, { all: numbers(1_000).map(() => long) })).toMatchObject([{ path: 'all' }])
    expect(await check(Rows, { rows: numbers(100).map(() => numbers(100)) })).toBeInstanceOf(Rows)
  })

  it.each<[string, object]>([
    ['JSON', { json: '[1,'.repeat(300_000) }],
    ['a colour', { colour: ','.repeat(900_000) }],
    ['counted in bytes', { bytes: 'é'.repeat(450_000) }],
    ['JSON in many texts', { jsons: numbers(90).map(() => '[1,'.repeat(1_111)) }],
    ['JSON, a colour and counted in bytes', Object.fromEntries(
      ['json', 'colour', 'bytes'].map(name => [name, ' '.repeat(150_000)])
    )]
  ])('is refused where a long text of rules that take long for one is %s', async (_what, data) => {
    const [{ path, constraints }] = await faultsOf(Texts, data)
    expect(Object.keys(data)).toContain(path)
    expect(constraints).toHaveProperty('isCheckable')
    expect(constraints.isCheckable).toContain('shorter texts')
  })

  it('is no long text of rules that are quick, and no text of some length', async () => {
    expect(await check(Texts, { text: 'x'.repeat(5_000_000), json: '[]'.padEnd(200_000) })).toBeInstanceOf(Texts)
  })

  it('is refused where an object of many keys is looked through again and again', async () => {
    const wide = Object.fromEntries(numbers(10_000).map(n => [`k${n}`, null]))
    let reads = 0
    const item = new Proxy(wide, { ownKeys: target => { reads++; return Reflect.ownKeys(target) } })
    expect(await faultsOf(Wide, { each: numbers(10_000).map(() => item) })).toMatchObject([{ path: 'each' }])
    expect(await faultsOf(Wide, numbers(10_000).map(() => ({ one: item })), LIST)).toMatchObject([{ path: 'one' }])
    expect(reads).toBeLessThan(500)
    expect(await check(Wide, { each: [{ a: 1 }], one: { a: 1 } })).toBeInstanceOf(Wide)
  })

  it('has no bytes that are taken for fields', async () => {
    class File { @IsString() name!: string }
    const memory = new ArrayBuffer(9)
    for (const data of [Buffer.alloc(1_000), new Float32Array(9), memory, new DataView(memory)]) {
      expect(await faultsOf(File, data)).toEqual([{ path: '', constraints: { isObject: 'data must be an object' } }])
    }
    class Places { @Type(() => File) places!: Map<string, File> }
    const buffer = Buffer.alloc(9)
    expect(instantiate(Places, { places: buffer }).places).toBe(buffer)
  })

  it('names no length of memory', () => {
    for (const type of [Uint8Array, ArrayBuffer, Float64Array, Map, Set, Array, URL, Promise, RegExp]) {
      class Upload { @Type(() => type) value!: unknown }
      const value = { length: 2e9, byteLength: 2e9, size: 2e9 }
      expect(() => instantiate(Upload, { value })).toThrow('an object is no')
    }
  })
})

describe('the work of one call', () => {
  it('is refused beyond the bound of one object, and beyond that of its size', () => {
    const work = new CheckWork()
    work.claim(MAX_SMALL_WORK)
    expect(() => work.claim(1)).toThrow(TooMuchWork)
    work.size = 2 ** 20
    work.claim(MAX_WORK_AT_ONCE)
    expect(() => work.claim(MAX_WORK_AT_ONCE + 1)).toThrow(TooMuchWork)
  })
})

describe('the rules that take long', () => {
  it('have the names of class-validator', () => {
    const names = new Set(Object.values<unknown>(classValidator))
    expect([...RULE_WEIGHTS.keys(), ...TEXT_WEIGHTS.keys()].filter(name => !names.has(name))).toEqual([])
  })
})

describe('the faults of an error', () => {
  it('are bounded in number, and no more rules run than that takes', async () => {
    ran.times = 0
    const error = await rejection<Error & { errors: unknown[] }>(
      check(Node, numbers(100_000).map(() => ({ name: 'bad' })), { takesList: true })
    )
    expect(error.errors).toHaveLength(MAX_FAULTS)
    expect(error.message).toMatch(/; and at least 990 more$/)
    expect(ran.times).toBeLessThan(5_000)
    expect(await faultsOf(Node, { list: numbers(100_000).map(() => 7) })).toHaveLength(MAX_FAULTS)
    const wide = Object.fromEntries(numbers(5_000).map(n => [`k${n}`, 1]))
    expect(await faultsOf(Node, wide, { whitelist: true, forbidNonWhitelisted: true })).toHaveLength(MAX_FAULTS)
  })

  it('have short texts, whatever was sent', async () => {
    class Told { @Matches(/^a$/, { message: '$value is no a' }) text!: string }
    const long = 'x'.repeat(100_000)
    const options = { whitelist: true, forbidNonWhitelisted: true }
    for (const { path, constraints } of await faultsOf(Told, { text: long, [long]: 1 }, options)) {
      const texts = [path, ...Object.values(constraints)]
      for (const { length } of texts) expect(length).toBeLessThanOrEqual(MAX_FAULT_TEXT + 1)
    }
  })
})

describe('class-validator', () => {
  it('can be used by a rule of the program meanwhile', async () => {
    const { errors, value } = PrimitiveKind.during(() => validateSync(instantiate(Node, { left: { name: 'bad' } })))
    await check(PrimitiveKind, { value })
    expect(errors()).toHaveLength(1)
  })
})
