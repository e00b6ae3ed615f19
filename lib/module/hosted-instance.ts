const HOSTED = Symbol.for('feathers-mesh:hosted')

/** What an instance remembers of the node that hosts it. */
interface Hosted {
  readonly hasStopped: () => boolean
  /** What hosting has put on the instance, by name, with what was there before. */
  readonly changes: ReadonlyMap<PropertyKey, PropertyDescriptor | undefined>
}

type Owner = Partial<Record<typeof HOSTED, Hosted>>

/** Whether an object that is a service already was one of a node that has stopped: another node can host it. */
export function isOnStoppedNode (instance: object): boolean {
  return (instance as Owner)[HOSTED]?.hasStopped() === true
}

/**
 * Puts an object on an app, and remembers what that changes of it: Feathers wraps its methods with the hooks of one
 * app. What an earlier node has put there is taken off.
 */
export function hostInstance (instance: object, hasStopped: () => boolean, host: () => void): void {
  release(instance)
  const before = Object.getOwnPropertyDescriptors(instance) as Record<PropertyKey, PropertyDescriptor>
  host()
  const changes = new Map<PropertyKey, PropertyDescriptor | undefined>()
  for (const key of Reflect.ownKeys(instance)) {
    const [old, now] = [before[key], Object.getOwnPropertyDescriptor(instance, key)]
    if (old === undefined || old.value !== now?.value || old.get !== now?.get) changes.set(key, old)
  }
  Object.defineProperty(instance, HOSTED, { value: { hasStopped, changes } satisfies Hosted, configurable: true })
}

function release (instance: object): void {
  const changes = (instance as Owner)[HOSTED]?.changes
  if (changes === undefined) return
  for (const [key, old] of changes) {
    // What can't be taken off is no worse than it was.
    Reflect.deleteProperty(instance, key)
    if (old !== undefined) Reflect.defineProperty(instance, key, old)
  }
  Reflect.deleteProperty(instance, HOSTED)
}
