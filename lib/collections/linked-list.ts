/** What can be in one list at a time; the list keeps its neighbours in it. */
export interface Linked<T> {
  earlier: T | undefined
  later: T | undefined
}

/**
 * A list whose members come at its end and leave from anywhere, without an object for each. (A Map or Set whose
 * members come and go leaves outgrown tables behind, and garbage collection carries along what those still refer to:
 * of short-lived members that is a sixth of the time of a busy node.)
 */
export class LinkedList<T extends Linked<T>> {
  size = 0
  first: T | undefined
  private last: T | undefined

  add (item: T): void {
    item.earlier = this.last
    if (this.last === undefined) this.first = item
    else this.last.later = item
    this.last = item
    this.size++
  }

  /** Returns whether it was there. */
  delete (item: T): boolean {
    if (item.earlier !== undefined) item.earlier.later = item.later
    else if (this.first === item) this.first = item.later
    else return false
    if (item.later === undefined) this.last = item.earlier
    else item.later.earlier = item.earlier
    item.earlier = item.later = undefined
    this.size--
    return true
  }

  find (isWanted: (item: T) => boolean): T | undefined {
    let item = this.first
    while (item !== undefined && !isWanted(item)) item = item.later
    return item
  }

  /** Takes all out. */
  takeAll (): T[] {
    const items: T[] = []
    for (let item = this.first; item !== undefined; item = this.first) {
      items.push(item)
      this.delete(item)
    }
    return items
  }
}
