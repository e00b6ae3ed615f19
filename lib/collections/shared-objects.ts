/**
 * Objects that a message of another node holds in several places, and lists that it made longer than their items: a few
 * bytes of it may stand for more JSON than this node can ever write, wherever in a value of the program they end up.
 */
const shared = new WeakSet<object>()
let hasAny = false

/** Notes such an object, or the instance that was made of it, and returns it. */
export function noteShared<T> (value: T): T {
  if (typeof value !== 'object' || value === null) return value
  hasAny = true
  shared.add(value)
  return value
}

/** Whether an object is one of them. */
export function isSharedByPeer (object: object): boolean {
  return shared.has(object)
}

/** Whether this process has read any: most meshes exchange none, and then nobody needs to look for them. */
export function hasSharedByPeers (): boolean {
  return hasAny
}
