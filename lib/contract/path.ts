/** A path as Feathers keys it: no slash at either end. */
export function stripSlashes (path: string): string {
  return path.replace(/^\/+|\/+$/g, '')
}

/**
 * Why no service can be on the mesh at a path, as the end of a sentence; undefined for a good path. Every peer keys
 * objects by paths.
 *
 * @param path - without slashes at its ends
 */
export function pathFault (path: string): string | undefined {
  if (path === '') return 'the root of an app has no name on the mesh'
  for (const part of path.split('/')) {
    if (part === '') return 'a part of it is empty'
    if (part in Object.prototype) return `every object has something that is called '${part}'`
  }
  return undefined
}

/**
 * Whether a path begins with what Feathers and its adapters take for a placeholder: a service there answers requests
 * for any path of as many parts.
 *
 * @param path - without slashes at its ends
 */
export function beginsWithPlaceholder (path: string): boolean {
  const [first = ''] = path.split('/', 1)
  return first.startsWith(':') || first.includes('*')
}
