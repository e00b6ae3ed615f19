const HOSTED = Symbol.for('feathers-mesh:hosted')

/** What is stored on an instance about the node that hosts it. */
interface Hosted {
  readonly hasStopped: () => boolean
  /** The properties that hosting changed, with their descriptors from before. */
  readonly changes: ReadonlyMap<PropertyKey, PropertyDescriptor | undefined>
}

/** Whether the node that hosts an instance has stopped, so that another node can host it. */
export function isOnStoppedNode (instance: object): boolean {
  return hostedOf(instance)?.hasStopped() === true
}

/** Only {@link hostInstance} sets this property. */
function hostedOf (instance: object): Hosted | undefined {
  return (instance as { readonly [HOSTED]?: Hosted })[HOSTED]
}

/**
 * Hosts an object on an app, and records how that changes it, because Feathers wraps its methods with the hooks of one
 * app. First it undoes the changes of an earlier node.
 *
 * @param host - registers the object on the app
 */
export function hostInstance (instance: object, hasStopped: () => boolean, host: () => void): void {
  release(instance)
  const before: Readonly<Record<PropertyKey, PropertyDescriptor | undefined>> =
    Object.getOwnPropertyDescriptors<object>(instance)
  host()
  const changes = new Map<PropertyKey, PropertyDescriptor | undefined>()
  for (const key of Reflect.ownKeys(instance)) {
    const [old, now] = [before[key], Object.getOwnPropertyDescriptor(instance, key)]
    if (old === undefined || old.value !== now?.value || old.get !== now?.get) changes.set(key, old)
  }
  Object.defineProperty(instance, HOSTED, { value: { hasStopped, changes } satisfies Hosted, configurable: true })
}

function release (instance: object): void {
  const changes = hostedOf(instance)?.changes
  if (changes === undefined) return
  for (const [key, old] of changes) {
    // A property that can't be deleted stays, which is no worse than before.
    Reflect.deleteProperty(instance, key)
    if (old !== undefined) Reflect.defineProperty(instance, key, old)
  }
  Reflect.deleteProperty(instance, HOSTED)
}
