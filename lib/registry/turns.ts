/** Work in steps. Each step gives how much it did. */
export type Steps = Iterable<number>

/**
 * Does long work in turns of the event loop, between which the node does other work. What takes one turn is done at
 * once. Work under a name replaces what is under way by that name.
 */
export class Turns {
  private readonly running = new Map<string, Iterator<number>>()

  /** @param amount - how much is done in one turn */
  constructor (private readonly amount: number) {}

  /** Begins work. */
  run (name: string, work: Steps): void {
    const steps = work[Symbol.iterator]()
    this.running.set(name, steps)
    this.goOn(name, steps)
  }

  /** Ends what is under way by a name. */
  end (name: string): void {
    this.running.delete(name)
  }

  private goOn (name: string, work: Iterator<number>): void {
    for (let done = 0; done < this.amount;) {
      // A step may have begun other work by this name.
      if (this.running.get(name) !== work) return
      const step = work.next()
      if (step.done === true) {
        if (this.running.get(name) === work) this.running.delete(name)
        return
      }
      done += step.value
    }
    setImmediate(() => this.goOn(name, work))
  }
}
