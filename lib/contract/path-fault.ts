/**
 * Why no service can be on the mesh at a path, in words that follow it; undefined where one can. Paths are keys of
 * objects at every peer.
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
