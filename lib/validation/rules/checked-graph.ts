import { SegmentedMap } from '../../collections/segmented-map'
import type { FaultList } from './faults'
import type { ObjectErrors } from './object-rules'

/** Where an object or a list lies: under a property of an object, or at a step of a list. */
export interface Place {
  readonly parent: Checked
  readonly step: string
  readonly position: number
}

/** What is wrong there: an item is no object, or there is something with faults in it. */
type Fault = Omit<Place, 'parent'> & ({ readonly message: string } | { readonly within: Checked })

const NO_ERRORS: ObjectErrors = []
const NO_PLACES: readonly Place[] = []
const NO_FAULTS: readonly Fault[] = []

/** Steps that are taken to find the paths of all faults; each object with faults has at least one anyway. */
const MAX_STEPS = 20_000

/** How deep a path goes. */
const MAX_DEPTH = 500

/** An instance, or a list or the like of some, that is checked once, however many others share it. */
export class Checked {
  /** What class-validator said of the properties of an instance. */
  errors: ObjectErrors = NO_ERRORS
  /** Where it lies, in the order in which that was found: a list only where there are several places. */
  private placed: Place | Place[] | undefined
  private faulted: Fault[] | undefined
  /** Whether it, or something in it, has faults. */
  isFaulty = false
  isListed = false

  /**
   * @param names - the properties with rules, in their order
   * @param prefix - the path of arguments, which lie nowhere
   */
  constructor (readonly value: object, readonly names: readonly string[], readonly prefix = '') {}

  get places (): readonly Place[] {
    const { placed } = this
    if (placed === undefined) return NO_PLACES
    return Array.isArray(placed) ? placed : [placed]
  }

  addPlace (place: Place): void {
    if (this.placed === undefined) this.placed = place
    else if (Array.isArray(this.placed)) this.placed.push(place)
    else this.placed = [this.placed, place]
  }

  get faults (): readonly Fault[] {
    return this.faulted ?? NO_FAULTS
  }

  /** Adds a fault, or something with faults. */
  addFault (fault: Fault): void {
    this.faulted ??= []
    this.faulted.push(fault)
    this.isFaulty = true
  }
}

/** Places that are looked at before others have a turn. */
const PLACES_PER_TURN = 10_000

/** Tells all that hold something with faults of it. Each place is looked at once; yields like {@link findCycle}. */
export function * spreadFaults (all: Iterable<Checked>): Generator<undefined> {
  let steps = 0
  const open: Checked[] = []
  for (const checked of all) {
    if (checked.isFaulty) open.push(checked)
    if (++steps % PLACES_PER_TURN === 0) yield
  }
  for (let within = open.pop(); within !== undefined; within = open.pop()) {
    for (const { parent, step, position } of within.places) {
      if (!parent.isFaulty) open.push(parent)
      parent.addFault({ step, position, within })
      if (++steps % PLACES_PER_TURN === 0) yield
    }
  }
}

/** Finds out whether something holds itself, over whatever else; yields where others may have a turn. */
export function * findCycle (all: Iterable<Checked>): Generator<undefined, boolean> {
  let steps = 0
  const done = new SegmentedMap<Checked, true>()
  const path = new Set<Checked>()
  const open: Array<readonly [checked: Checked, places: Iterator<Place, undefined>]> = []
  const enter = (checked: Checked): void => {
    path.add(checked)
    open.push([checked, checked.places.values()])
  }
  for (const first of all) {
    if (!done.has(first)) enter(first)
    for (let last = open.at(-1); last !== undefined; last = open.at(-1)) {
      if (++steps % PLACES_PER_TURN === 0) yield
      const [checked, places] = last
      const parent = places.next().value?.parent
      if (parent === undefined) {
        path.delete(checked)
        done.add(checked, true)
        open.pop()
      } else if (path.has(parent)) return true
      else if (!done.has(parent)) enter(parent)
    }
  }
  return false
}

/** A fault in an object or a list, or what class-validator said of a property. */
type OwnFault = Fault | (Omit<Place, 'parent'> & Pick<ObjectErrors[number], 'constraints'>)

/** Lists the faults of objects, by each path that leads to them. */
export class FaultPaths {
  private steps = 0
  private readonly ordered = new Map<Checked, readonly OwnFault[]>()

  constructor (private readonly list: FaultList) {}

  /** Lists those in an object or a list, in the order of its properties or items. */
  walk (checked: Checked, prefix: string, depth = 0): void {
    if (!checked.isFaulty || this.list.isFull) return
    if (++this.steps > MAX_STEPS || depth > MAX_DEPTH) {
      this.list.isCut = true
      return
    }
    checked.isListed = true
    for (const fault of this.inOrder(checked)) {
      const path = join(prefix, fault.step)
      if ('within' in fault) this.walk(fault.within, path, depth + 1)
      else if ('message' in fault) this.list.add(path, { nestedValidation: fault.message })
      else if (fault.constraints !== undefined) this.list.add(path, fault.constraints)
      if (this.list.isFull) return
    }
  }

  /** The faults of an object or a list, which are the same on each path to it. */
  private inOrder (checked: Checked): readonly OwnFault[] {
    const known = this.ordered.get(checked)
    if (known !== undefined) return known
    const orderOf = positions(checked.names)
    const own = checked.errors.map(({ property, constraints }) => ({ step: property, constraints, position: -1 }))
    const all = [...own, ...checked.faults]
    all.sort((one, other) => orderOf(one.step) - orderOf(other.step) || one.position - other.position)
    this.ordered.set(checked, all)
    return all
  }

  /** Lists an object that no walk has reached, by the first path to it. */
  addFirst (checked: Checked): void {
    if (checked.isListed || checked.errors.length === 0) return
    const steps: string[] = []
    let { prefix } = checked
    for (let [at] = checked.places; at !== undefined && steps.length < MAX_DEPTH; [at] = at.parent.places) {
      steps.unshift(at.step)
      prefix = at.parent.prefix
    }
    for (const { property, constraints = {} } of checked.errors) {
      this.list.add([prefix, ...steps, property].filter(step => step !== '').join('.'), constraints)
    }
  }
}

/** Properties without rules come first, as class-validator looks for them first. */
function positions (names: readonly string[]): (name: string) => number {
  const positions = new Map(names.map((name, index) => [name, index]))
  return name => positions.get(name) ?? -1
}

const join = (prefix: string, name: string): string => prefix === '' ? name : `${prefix}.${name}`
