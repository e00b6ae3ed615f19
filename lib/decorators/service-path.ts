/** A path as Feathers keys it: no slash at either end. */
export function stripSlashes (path: string): string {
  return path.replace(/^\/+|\/+$/g, '')
}
