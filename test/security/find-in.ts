type Found = readonly [path: string, value: unknown]

/** Where a text, or bytes, are within all that can be reached from an object; undefined where nowhere. */
export function findIn (root: object, hidden: string): string | undefined {
  const found: Found[] = [['', root]]
  const seen = new Set<unknown>()
  for (const [path, value] of found) {
    if (holds(value, hidden)) return path.slice(1)
    if (!isObject(value) || value instanceof Uint8Array || seen.has(value)) continue
    seen.add(value)
    for (const [key, each] of [...entriesOf(value), ...propertiesOf(value)]) found.push([`${path}.${key}`, each])
  }
  return undefined
}

function isObject (value: unknown): value is object {
  return value !== null && ['object', 'function'].includes(typeof value)
}

function holds (value: unknown, hidden: string): boolean {
  if (typeof value === 'string') return value.includes(hidden)
  return value instanceof Uint8Array && Buffer.from(value).toString('latin1').includes(hidden)
}

function entriesOf (value: object): Found[] {
  if (value instanceof Map) return [...value].map(([key, each]) => [String(key), each])
  return value instanceof Set ? [...value].map(each => ['*', each]) : []
}

/** All that it has itself, without calling anything. */
function propertiesOf (value: object): Found[] {
  return Reflect.ownKeys(value).map((key): Found => {
    // What a test runs in knows all of its file.
    const isOfRunner = String(key) === 'Symbol(kResourceStore)'
    return [String(key), isOfRunner ? undefined : Object.getOwnPropertyDescriptor(value, key)?.value]
  })
}
