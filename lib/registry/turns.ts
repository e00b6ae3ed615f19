/**
 * Does long work in turns of the event loop, between which the node does other work. What takes one turn is done at
 * once. Work under a name replaces what is under way by that name.
 */
export class Turns {
  private readonly running = new Map<string, Iterator<void>>()

  /** @param steps - how many steps are done in one turn */
  constructor (private readonly steps: number) {}

  /** Begins work, of which each item is a step. */
  run (name: string, work: Iterable<void>): void {
    const steps = work[Symbol.iterator]()
    this.running.set(name, steps)
    this.goOn(name, steps)
  }

  /** Gives the work of a name up. */
  stop (name: string): void {
    this.running.delete(name)
  }

  private goOn (name: string, work: Iterator<void>): void {
    for (let step = 0; step < this.steps; step++) {
      // A step may have begun other work by this name, or given it up.
      if (this.running.get(name) !== work) return
      if (work.next().done !== true) continue
      if (this.running.get(name) === work) this.running.delete(name)
      return
    }
    setImmediate(() => this.goOn(name, work))
  }
}
