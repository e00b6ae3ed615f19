import 'reflect-metadata'
import { Type } from 'class-transformer'
import {
  ArrayUnique, IsArray, IsBoolean, IsEmail, IsInt, IsOptional, IsString, IsUrl, Length, ValidateNested
} from 'class-validator'

/** An item of lists, with rules. */
export class Item {
  @IsOptional() @IsString() name?: string
  @IsOptional() @IsInt() count?: number
}

/** What the service of the bench takes: anything may be left out, so that little data has many rules. */
export class Checked {
  @IsOptional() @IsString() @Length(0, 10_000_000) title?: string
  @IsOptional() @IsEmail() mail?: string
  @IsOptional() @IsUrl() link?: string
  @IsOptional() @IsBoolean() done?: boolean
  @IsOptional() @IsArray() @IsString({ each: true }) @Length(0, 10_000_000, { each: true }) tags?: string[]
  @IsOptional() @ArrayUnique() @IsInt({ each: true }) numbers?: number[]
  @IsOptional() @ValidateNested({ each: true }) @Type(() => Item) items?: Item[]
  @IsOptional() @ValidateNested({ each: true }) @Type(() => Item) byName?: Map<string, Item>
  @IsOptional() @ValidateNested() @Type(() => Checked) left?: Checked
  @IsOptional() @ValidateNested() @Type(() => Checked) right?: Checked
  @IsOptional() @Type(() => Buffer) bytes?: Buffer
}

const numbered = <T>(many: number, make: (index: number) => T): T[] =>
  Array.from({ length: Math.ceil(many) }, (_, n) => make(n))

function levels (many: number, hold: (data: object) => object): object {
  let data: object = {}
  for (let level = 0; level < many; level++) data = hold(data)
  return data
}

function holes (): unknown[] {
  const list: unknown[] = []
  list[2 ** 23 - 1] = 'last'
  return list
}

/** Data that strangers may send in place of a {@link Checked}, or of a list of them, by the name of its row. */
export const DATA: Readonly<Record<string, (length: number) => unknown>> = {
  'a list of empty objects': length => numbered(length / 3, () => ({})),
  'a list of bad objects': length => numbered(length / 12, () => ({ title: 1 })),
  'a list of objects with texts': length => numbered(length / 40, n => ({ title: `t${n}`, tags: ['a', 'b'] })),
  'a list of numbers': length => numbered(length / 2, () => 1),
  'nested empty objects': length => ({ items: numbered(length / 3, () => ({})) }),
  'nested numbers': length => ({ items: numbered(length / 2, () => 1) }),
  'nested lists': length => ({ items: numbered(length / 3, () => []) }),
  'nested objects by names': length => ({ byName: Object.fromEntries(numbered(length / 12, n => [`k${n}`, {}])) }),
  'many short texts': length => ({ tags: numbered(length / 4, () => 'a') }),
  'many numbers': length => ({ numbers: numbered(length / 7, n => n) }),
  'one long text': length => ({ title: 'x'.repeat(length), mail: 'y' }),
  'a long text for each rule': length => ({
    title: 'x'.repeat(length / 3), mail: `${'a.'.repeat(length / 6)}@a`, link: `http://${'a.'.repeat(length / 6)}`
  }),
  'many unknown fields': length => Object.fromEntries(numbered(length / 12, n => [`k${n}`, 1])),
  'bytes as data': length => Buffer.alloc(length),
  'bytes as an item': length => ({ items: [Buffer.alloc(length)] }),
  'the length of bytes': () => ({ bytes: { length: 2e9 } }),
  'a list of eight million holes': () => ({ tags: holes() }),
  'a deep tree': length => levels(length / 9, left => ({ left })),
  'deep lists': length => ({ items: levels(length / 2, list => [list]) }),
  'a tree of shared objects': () => levels(400, data => ({ left: data, right: data })),
  'lists of shared objects': () => levels(200, data => ({ items: [data, data], left: data })),
  'bad shared objects': () => levels(400, data => ({ left: data, right: data, title: 1 })),
  'a list that many objects share': length => {
    const tags = numbered(length / 8, () => 'a')
    return numbered(length / 16, () => ({ tags }))
  },
  'an object that many lists hold': length => {
    const item = { name: 'a' }
    return numbered(length / 16, () => ({ items: [item] }))
  }
}
