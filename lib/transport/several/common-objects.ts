/** Objects of which the transports of one node have one in common, by their classes. */
export class CommonObjects {
  private readonly byType = new Map<new () => object, object>()

  /** The one object of a class. */
  get<T extends object> (type: new () => T): T {
    const known = this.byType.get(type)
    // It was made by this class below.
    if (known !== undefined) return known as T
    const made = new type()
    this.byType.set(type, made)
    return made
  }
}
