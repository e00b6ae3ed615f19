/** What was set last, by its name: when there is too much, that goes which was set first. */
export class Recent<T> extends Map<string, T> {
  constructor (private readonly most: number) {
    super()
  }

  override set (name: string, value: T): this {
    // What is set anew goes to the end.
    this.delete(name)
    super.set(name, value)
    const [first] = this.keys()
    if (this.size > this.most && first !== undefined) this.delete(first)
    return this
  }
}
