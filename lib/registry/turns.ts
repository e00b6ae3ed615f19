/** Work in steps. */
export interface Steps {
  /** Does the next step. Returns how much that was; undefined where there was none left. */
  next (): number | undefined
}

/**
 * Does long work in turns of the event loop, between which the node does other work. What takes one turn is done at
 * once. Work under a name replaces what is under way by that name.
 */
export class Turns {
  private readonly running = new Map<string, Steps>()

  /** @param amount - how much is done in one turn */
  constructor (private readonly amount: number) {}

  /** Begins work. */
  run (name: string, work: Steps): void {
    this.running.set(name, work)
    this.goOn(name, work)
  }

  /** Ends what is under way by a name. */
  end (name: string): void {
    this.running.delete(name)
  }

  private goOn (name: string, work: Steps): void {
    for (let done = 0; done < this.amount;) {
      // A step may have begun other work by this name.
      if (this.running.get(name) !== work) return
      const step = work.next()
      if (step === undefined) {
        if (this.running.get(name) === work) this.running.delete(name)
        return
      }
      done += step
    }
    setImmediate(() => this.goOn(name, work))
  }
}
