import { Type } from 'class-transformer'
import { IsInt, IsOptional, IsString, ValidateNested } from 'class-validator'
import { RuleCheck } from '../../../lib/validation/rules/rule-check'
import { CheckWork } from '../../../lib/validation/rules/work'
import { check, faultsOf, Item } from './graph'

class Holder {
  @IsOptional() @IsString() name?: string
  @IsOptional() @ValidateNested() @Type(() => Holder) inner?: Holder
  @IsOptional() @ValidateNested({ each: true }) @Type(() => Item) byName?: Map<string, Item>
  @IsOptional() @ValidateNested({ each: true }) @Type(() => Item) items?: Item[]
  @IsOptional() @IsInt({ each: true }) numbers?: number[]
}

class Computed {
  @IsOptional() @IsString() name?: string
  get length (): number { return 7 }
}

const MANY = 50_000
/** Pieces of data that may be read in one go. */
const MOST = 5_000

/** Counts how much of some data was read in the turn in which most was. */
class Reads {
  private since = 0
  most = 0

  /** Data that counts what is read of it. */
  watch<T extends object> (data: T): T {
    const count = (): void => { this.most = Math.max(this.most, ++this.since) }
    return new Proxy(data, {
      get: (target, key) => { count(); return Reflect.get(target, key) as unknown }
    })
  }

  async during (act: () => Promise<unknown>): Promise<void> {
    let goesOn = true
    const next = (): void => { this.since = 0; if (goesOn) setImmediate(next) }
    next()
    await act()
    goesOn = false
  }
}

const fields = (value: (n: number) => unknown): object =>
  Object.fromEntries(Array.from({ length: MANY }, (_, n) => [`k${n}`, value(n)]))

describe('the check of large data', () => {
  it.each<[string, (reads: Reads) => Promise<unknown>]>([
    ['an object of many unknown fields', async reads => await check(Holder, reads.watch(fields(n => n)))],
    ['an object of many fields in another', async reads =>
      await check(Holder, { inner: reads.watch(fields(n => n)) })],
    ['an object of many fields in a list', async reads =>
      await check(Holder, [reads.watch(fields(n => n))], { takesList: true })],
    ['an object of many fields whose class has a getter', async reads =>
      await check(Computed, reads.watch({ ...fields(n => n), length: 1 }))],
    ['objects by their names', async reads =>
      await check(Holder, { byName: reads.watch(fields(() => ({ name: 'a' }))) })],
    ['bad objects by their names', async reads =>
      await faultsOf(Holder, { byName: reads.watch(fields(() => ({ name: 1 }))) })]
  ])('reads a small part of %s at a time', async (_what, act) => {
    const reads = new Reads()
    await reads.during(async () => await act(reads))
    expect(reads.most).toBeGreaterThan(0)
    expect(reads.most).toBeLessThan(MOST)
  })
})

describe('the check for unknown fields', () => {
  it.each([true, false])('leaves others a turn between wide objects (forbidNonWhitelisted: %s)', async isForbidden => {
    const fields = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`k${n}`, 1]))
    const work = new CheckWork()
    const check = new RuleCheck({ whitelist: true, forbidNonWhitelisted: isForbidden }, work)
    work.size = 20_000
    let turns = 0
    work.turn = async () => { turns++; Object.assign(work, { sinceTurn: 0 }) }
    for (let n = 0; n < 40; n++) check.add(Object.assign(new Item(), fields, { name: 'a' }), '')
    await check.run()
    // Those that are refused fill the error after a few objects.
    expect(turns).toBeGreaterThan(isForbidden ? 0 : 5)
    expect(check.isPassed).toBe(!isForbidden)
  })
})
