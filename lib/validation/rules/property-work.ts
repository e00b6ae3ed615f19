import { SegmentedMap } from '../../collections/segmented-map'
import type { MetadataStorage } from 'class-validator'
import { isCollection } from '../data-kinds'
import { readsKeys, textWeightOf, weightOf } from './rule-weights'
import type { CheckWork } from './work'

type Collection = unknown[] | Set<unknown> | Map<unknown, unknown>
type Rule = ReturnType<MetadataStorage['getTargetValidationMetadatas']>[number]

/** Characters of a text, items of a list, or keys of an object, that a rule looks at in one unit of work. */
const CHARACTERS_PER_UNIT = 256
const ITEMS_PER_UNIT = 16
const KEYS_PER_UNIT = 4
/** Pairs of items that `@ArrayUnique()` compares in one unit. */
const PAIRS_PER_UNIT = 256

/** What was counted for one call, once however many places share it. */
export class KnownSizes {
  private readonly lists = new SegmentedMap<object, true>()
  private readonly objects = new SegmentedMap<object, { readonly keys: number }>()

  /** Whether a list is met for the first time. */
  isNew (list: object): boolean {
    if (this.lists.has(list)) return false
    this.lists.add(list, true)
    return true
  }

  /** How many keys an object has. */
  keysOf (object: object): number {
    const known = this.objects.get(object)
    if (known !== undefined) return known.keys
    const { length } = Object.keys(object)
    this.objects.add(object, { keys: length })
    return length
  }
}

/** The work of the rules of one property. */
export class PropertyWork {
  private readonly rules: number
  /** Those for each item of a list, and the work of all of them for one item. */
  private readonly each: number
  private readonly eachWeight: number
  /** The work of all rules, and of those for each item, for some characters of a text. */
  private readonly textWeight: number
  private readonly eachTextWeight: number
  private readonly isUnique: boolean
  private readonly isEachUnique: boolean
  /** The rules that read all keys of an object, and those that do for each item. */
  private readonly ofKeys: number
  private readonly eachOfKeys: number

  constructor (readonly name: string, rules: readonly Rule[]) {
    const each = rules.filter(rule => rule.each)
    this.rules = rules.length
    this.each = each.length
    this.eachWeight = weightOfAll(each)
    this.textWeight = sum(rules, textWeightOf)
    this.eachTextWeight = sum(each, textWeightOf)
    this.isUnique = rules.some(rule => isUniqueRule(rule) && !rule.each)
    this.isEachUnique = each.some(isUniqueRule)
    this.ofKeys = rules.filter(rule => readsKeys(rule) && !rule.each).length
    this.eachOfKeys = each.filter(readsKeys).length
  }

  /** Claims the work of checking a value. */
  claim (value: unknown, work: CheckWork, sizes: KnownSizes): void {
    if (typeof value === 'string') {
      const atOnce = Math.floor(this.textWeight * value.length / CHARACTERS_PER_UNIT)
      work.claim(this.rules * textWork(value), this.name, atOnce)
    } else if (isCollection(value)) this.claimItems(value, work, sizes)
    else if (this.ofKeys > 0) work.claim(this.ofKeys * keyWork(value, sizes), this.name)
  }

  private claimItems (value: Collection, work: CheckWork, sizes: KnownSizes): void {
    const { name, each, isUnique } = this
    const size = itemsOf(value)
    const others = (this.rules - each) * (size / ITEMS_PER_UNIT)
    const atOnce = this.eachWeight * size + others
    if (sizes.isNew(value)) {
      work.size += Array.isArray(value) ? itemsBeforeHole(value) : size
      work.claim(each * size + others, name, atOnce)
    } else work.claim(atOnce, name)
    if (isUnique) work.claim(pairWork(size), name)
    if (this.ofKeys > 0) work.claim(this.ofKeys * keyWork(value, sizes), name)
    if (each > 0) this.claimEach(value, work, sizes)
  }

  private claimEach (value: Collection, work: CheckWork, sizes: KnownSizes): void {
    let units = 0
    let characters = 0
    for (const item of value.values()) {
      if (typeof item === 'string') {
        units += this.each * textWork(item)
        characters += item.length
      } else if (isCollection(item)) {
        units += this.each * Math.floor(itemsOf(item) / ITEMS_PER_UNIT)
        if (this.isEachUnique) units += pairWork(itemsOf(item))
      }
      // At once, as counting the keys of all would take long as well.
      if (this.eachOfKeys > 0) work.claim(this.eachOfKeys * keyWork(item, sizes), this.name)
    }
    const more = (this.eachTextWeight - this.each) * characters / CHARACTERS_PER_UNIT
    work.claim(units, this.name, units + Math.floor(more))
  }
}

/** The work of rules for values that are short. */
export const weightOfAll = (rules: readonly Rule[]): number => sum(rules, weightOf)

const sum = (rules: readonly Rule[], of: (rule: Rule) => number): number =>
  rules.reduce((total, rule) => total + of(rule), 0)

const isUniqueRule = ({ name }: Rule): boolean => name === 'arrayUnique'

const itemsOf = (value: Collection): number => Array.isArray(value) ? value.length : value.size

const pairWork = (size: number): number => size * size / PAIRS_PER_UNIT

const textWork = ({ length }: string): number => Math.floor(length / CHARACTERS_PER_UNIT)

const keyWork = (value: unknown, sizes: KnownSizes): number =>
  typeof value === 'object' && value !== null ? Math.floor(sizes.keysOf(value) / KEYS_PER_UNIT) : 0

/** A few bytes can stand for millions of holes. */
function itemsBeforeHole (list: readonly unknown[]): number {
  let index = 0
  while (index < list.length && (list[index] !== undefined || index in list)) index++
  return index
}
