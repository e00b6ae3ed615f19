import type { ValidatorOptions } from 'class-validator'
import { SegmentedMap } from '../../collections/segmented-map'
import { isCollection } from '../data-kinds'
import { Checked, FaultPaths, findCycle, spreadFaults } from './checked-graph'
import { MAX_FAULTS, type FaultList } from './faults'
import { isObject } from './nested-shape'
import { itemMessage, ObjectValidator, type OnNested } from './object-rules'
import { KnownSizes } from './property-work'
import type { CheckWork } from './work'

/** The work of looking at an item of a list. */
const ITEM_WORK = 2

/** Items of a list that have yet to be looked at. */
interface OpenItems {
  readonly list: Checked
  readonly items: Iterator<readonly [step: unknown, item: unknown]>
  position: number
  /** Says what is wrong with an item that is no object. */
  readonly describe: (item: unknown) => string
}

/** Checks the instances of the arguments of one call, and those nested in them: each once, however many share it. */
export class RuleCheck {
  private readonly validator: ObjectValidator
  private readonly known = new SegmentedMap<object, Checked>()
  private readonly roots: Checked[] = []
  /** Objects, of which those before `position` are checked. */
  private readonly objects: Checked[] = []
  private position = 0
  private readonly lists: OpenItems[] = []
  private readonly sizes = new KnownSizes()
  private faulty = 0
  private isShared = false

  constructor (options: ValidatorOptions, private readonly work: CheckWork) {
    this.validator = ObjectValidator.of(options)
  }

  /** Adds an argument to check. @param prefix - the path of its faults */
  add (instance: object, prefix: string): Checked {
    const root = this.object(instance, prefix)
    this.roots.push(root)
    return root
  }

  /** Checks all that was added, and takes turns. Ends early where there are more faults than an error lists. */
  async run (): Promise<void> {
    while (!this.isDone && this.faulty <= MAX_FAULTS) {
      const start = this.position
      while (this.work.left > 0 && !this.isDone) this.advance()
      if (this.position > start) await this.check(this.objects.slice(start, this.position))
      if (this.work.left <= 0) await this.work.turn()
    }
  }

  /** Whether no rule is broken. */
  get isPassed (): boolean {
    return this.isDone && this.faulty === 0
  }

  /** Whether instances refer to themselves, over whatever others. */
  async hasCycle (): Promise<boolean> {
    if (!this.isShared) return false
    return await this.inTurns(findCycle(this.known.values()))
  }

  private async inTurns<T> (search: Generator<undefined, T>): Promise<T> {
    let step = search.next()
    for (; step.done !== true; step = search.next()) await this.work.turn()
    return step.value
  }

  /** Prepares the faults of what was checked for {@link FaultPaths.walk}. */
  async faults (list: FaultList): Promise<FaultPaths> {
    if (this.faulty > 0) await this.inTurns(spreadFaults(this.known.values()))
    if (!this.isDone) list.isCut = true
    return new FaultPaths(list)
  }

  /** Lists the faults that lie at no path that was listed. */
  listRest (paths: FaultPaths, list: FaultList): void {
    if (this.faulty === 0 || !list.isCut) return
    for (const object of this.objects) {
      if (list.isFull) return
      paths.addFirst(object)
    }
  }

  private get isDone (): boolean {
    return this.position >= this.objects.length && this.lists.length === 0
  }

  private object (instance: object, prefix?: string): Checked {
    const known = this.known.get(instance)
    if (known !== undefined) {
      this.isShared = true
      return known
    }
    const object = new Checked(instance, this.validator.rulesOf(instance).names, prefix)
    this.known.add(instance, object)
    this.objects.push(object)
    return object
  }

  /** Looks at the next item, or claims the check of the next object. */
  private advance (): void {
    const items = this.lists.at(-1)
    if (items !== undefined) return this.nextItem(items)
    const { value } = this.objects[this.position++]
    this.validator.rulesOf(value).claim(value, this.work, this.sizes)
  }

  private async check (objects: readonly Checked[]): Promise<void> {
    await this.validator.validate(objects.map(({ value }) => value), this.onNested, (index, errors) => {
      objects[index].errors = errors
      this.note(objects[index], errors.length)
    })
  }

  private nextItem (open: OpenItems): void {
    this.work.claim(ITEM_WORK)
    const { done, value } = open.items.next()
    if (done === true) {
      this.lists.pop()
      return
    }
    const [key, item] = value
    const { list, position } = open
    const step = typeof key === 'string' || typeof key === 'number' ? String(key) : String(position)
    open.position++
    if (isObject(item)) this.object(item).addPlace({ parent: list, step, position })
    else if (item !== undefined) {
      list.addFault({ step, position, message: open.describe(item) })
      this.note(list)
    }
    if (this.faulty > MAX_FAULTS) this.lists.length = 0
  }

  private note (checked: Checked, faults = 1): void {
    checked.isFaulty = true
    this.faulty += faults
  }

  private readonly onNested: OnNested = (instance, property, value) => {
    const parent = this.known.get(instance)
    if (parent === undefined) return
    const place = { parent, step: property, position: 0 }
    if (isObject(value)) this.object(value).addPlace(place)
    else if (isCollection(value)) this.list(value, instance, property).addPlace(place)
  }

  private list (
    value: unknown[] | Set<unknown> | Map<unknown, unknown>, instance: object, property: string
  ): Checked {
    const known = this.known.get(value)
    if (known !== undefined) {
      this.isShared = true
      return known
    }
    const list = new Checked(value, [])
    this.known.add(value, list)
    const rules = this.validator.rulesOf(instance)
    const describe = (item: unknown): string => itemMessage(rules, instance, property, item)
    this.lists.push({ list, items: stepsOf(value), position: 0, describe })
    return list
  }
}

function stepsOf (value: unknown[] | Set<unknown> | Map<unknown, unknown>): OpenItems['items'] {
  return value instanceof Set ? [...value].entries() : value.entries()
}
