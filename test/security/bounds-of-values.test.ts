import { BadRequest } from '@feathersjs/errors'
import { Type } from 'class-transformer'
import { noteShared } from '../../lib/collections/shared-objects'
import { throwIfSparse } from '../../lib/validation/data-kinds'
import { instantiate } from '../../lib/validation/instantiate'
import { ruleFault } from '../../lib/validation/payload'
import { Checked, FaultPaths } from '../../lib/validation/rules/checked-graph'
import { FaultList } from '../../lib/validation/rules/faults'
import { toWireErrorText } from '../../lib/transport/messages/error'
import { Encoder } from '../../lib/transport/values/encoder'
import { jsonText, throwIfEndlessOfPeers } from '../../lib/transport/values/json-text'
import { decodeTable, encodeTable } from '../transport/values/table'

const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n)

describe('beyond its bound', () => {
  it('an encoder takes no further object', () => {
    const encode = (known: number): string => {
      const encoder = new Encoder({})
      // As if it had found so many: they would take a gigabyte.
      Reflect.set(encoder, 'sources', Array(known).fill(undefined))
      return encoder.encode({ last: {} }).text
    }
    expect(() => encode(2 ** 22 - 1)).not.toThrow()
    expect(() => encode(2 ** 22)).toThrow('too many objects')
  })

  it('a message has no further holes, in one array or in several', () => {
    const holes = (...lengths: number[]): string =>
      JSON.stringify([[1], ['Array', ...lengths.map((_, n) => [n + 2])], ...lengths.map(length => ['Sparse', length])])
    expect(decodeTable(holes(2 ** 22, 2 ** 22))).toHaveLength(2)
    expect(() => decodeTable(holes(2 ** 23 + 1))).toThrow('too long together')
    expect(() => decodeTable(holes(2 ** 22, 2 ** 22, 1))).toThrow('too long together')
    expect(() => encodeTable([Array(2 ** 22), Array(2 ** 22)])).not.toThrow()
    expect(() => encodeTable([Array(2 ** 22), Array(2 ** 22), Array(1)])).toThrow('array with holes')
  })

  it('no further toJSON is called', () => {
    class Row { toJSON (): number { return 0 } }
    expect(() => jsonText(upTo(2 ** 20 + 1).map(() => new Row()))).toThrow('toJSON methods return too many objects')
  })

  it('no deeper objects are looked at, whether getters or toJSON methods make them', () => {
    let made = 0
    const endless = (): object => ({ toJSON: () => { made++; return [endless()] } })
    const endlessToo = (): object => ({ get next () { made++; return endlessToo() } })
    for (const object of [endless(), endlessToo()]) {
      made = 0
      expect(() => jsonText(object)).toThrow('nested too deeply')
      expect(made).toBeGreaterThan(500)
      expect(made).toBeLessThanOrEqual(1_001)
    }
  })

  it('no instance is made of deeper data', () => {
    class Tree { @Type(() => Tree) below?: Tree }
    const tree = (levels: number): Tree => upTo(levels).reduce<Tree>(below => ({ below }), {})
    expect(() => instantiate(Tree, tree(499))).not.toThrow()
    expect(() => instantiate(Tree, tree(500))).toThrow('nested too deeply')
  })

  it('the paths of faults take no further step, and go no deeper', () => {
    const chain = (levels: number): Checked => upTo(levels).reduce(within => {
      const around = new Checked({}, [])
      within.addPlace({ parent: around, step: 'below', position: 0 })
      around.addFault({ step: 'below', position: 0, within })
      return around
    }, leaf)
    const leaf = new Checked({}, [])
    leaf.errors = [{ property: 'name', constraints: { isString: 'it is no text' } }] as Checked['errors']
    leaf.isFaulty = true
    const walk = (times: number, levels: number): unknown => {
      const list = new FaultList()
      const paths = new FaultPaths(list)
      const first = chain(levels)
      upTo(times).forEach(() => paths.walk(first, ''))
      return [list.faults.length, list.isCut]
    }
    expect([walk(40, 499), walk(41, 499)]).toEqual([[40, false], [40, true]])
    expect([walk(1, 500), walk(1, 501)]).toEqual([[1, false], [0, true]])
  })

  it('the path of a fault that no walk reached is cut', () => {
    const add = jest.fn()
    const leaf = new Checked({}, [])
    leaf.errors = [{ property: 'name', constraints: {} }] as Checked['errors']
    upTo(501).reduce(within => {
      const parent = new Checked({}, [])
      within.addPlace({ parent, step: 'below', position: 0 })
      return parent
    }, leaf)
    new FaultPaths({ add } as unknown as FaultList).addFirst(leaf)
    expect(add).toHaveBeenCalledWith(`${'below.'.repeat(500)}name`, {})
  })

  it('a list of data has no holes, and no rules run on a payload', () => {
    const sparse = (length: number) => (): void => throwIfSparse(Array(length))
    expect(sparse(1_000)).not.toThrow()
    expect(sparse(1_001)).toThrow('has holes')
    expect([9_999, 10_000].map(length => ruleFault(class {}, upTo(length)))).toEqual([
      'is of a class without rules, so it may be anything', 'is too large to check'
    ])
  })
  it('the names and the code of an error that has to be shortened are cut', () => {
    const long = 'x'.repeat(101)
    const error = Object.assign(new BadRequest(long, { text: 'y'.repeat(10_000) }), {
      name: long, className: long, code: long
    })
    const whole = JSON.parse(toWireErrorText(error, 100_000)) as Record<string, string>
    expect([whole.name?.length, whole.className?.length, whole.code?.length]).toEqual([101, 101, 101])
    const { name, className, code, ...rest } = JSON.parse(toWireErrorText(error, 4_000)) as Record<string, string>
    expect([name?.length, className?.length, code?.length]).toEqual([100, 100, 100])
    expect(rest).toEqual({ message: long })
  })
  it('a copy of objects is not written, less so where they are of another node', () => {
    const copy = (count: number, note = (each: object): object => each): (() => void) => {
      const list = Array<object>(count).fill(note({ text: 'x'.repeat(2 ** 20) }))
      return () => throwIfEndlessOfPeers(list)
    }
    // Four times what is there once and 4 MB; and 64 MB more of objects of this node.
    expect(copy(9, noteShared)).toThrow('too many places')
    expect(copy(7, noteShared)).not.toThrow()
    expect(copy(71)).not.toThrow()
    expect(copy(73)).toThrow('too many places')
  })
})
