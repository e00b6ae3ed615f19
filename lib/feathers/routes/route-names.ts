import type { RouteNode } from '@feathersjs/transport-commons/lib/routing'

/**
 * Removes the prototypes of all tables below a node: a part of a path may be named like a property that every object
 * inherits, and Feathers' router would take that for the next node.
 */
export function dropPrototypes (node: RouteNode): void {
  dropPrototype(node)
  for (const child of [...Object.values(node.children), ...node.placeholders]) dropPrototypes(child)
}

/** The same for the nodes of one route alone, as far as there are any. */
export function dropPrototypesOf (route: readonly string[], root: RouteNode): void {
  let node: RouteNode | undefined = root
  for (const part of route) {
    dropPrototype(node)
    node = part.startsWith(':')
      ? node.placeholders.find(({ name }) => name === part.slice(1))
      : node.children[part]
    if (node === undefined) return
  }
  dropPrototype(node)
}

function dropPrototype ({ children }: RouteNode): void {
  Object.setPrototypeOf(children, null)
}
