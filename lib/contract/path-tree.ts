import { isPlaceholder } from './path'

/** A path in a {@link PathTree}. */
export interface PathOfTree {
  readonly path: string
  readonly parts: readonly string[]
}

interface Node {
  /** The nodes below, by the next part in lower case. */
  children: Map<string, Node> | undefined
  /** What is below any placeholder. */
  open: Node | undefined
  /** Those that end here: they differ in case, or in the names of placeholders. */
  paths: PathOfTree[]
}

const newNode = (): Node => ({ children: undefined, open: undefined, paths: [] })

/** Paths, among which those are found at once that some requests may match as well as another one. */
export class PathTree {
  private readonly root = newNode()

  /** Adds a path, unless it is there. */
  add (path: string): void {
    const parts = path.split('/')
    let node = this.root
    for (const part of parts) node = childOf(node, part) ?? addChild(node, part)
    if (!node.paths.some(each => each.path === path)) node.paths.push({ path, parts })
  }

  /** Removes a path, and what is left empty by that. */
  delete (path: string): void {
    const parts = path.split('/')
    const nodes = [this.root]
    for (const part of parts) {
      const next = childOf(nodes[nodes.length - 1] ?? this.root, part)
      if (next === undefined) return
      nodes.push(next)
    }
    const last = nodes.pop()
    if (last === undefined) return
    last.paths = last.paths.filter(each => each.path !== path)
    for (let node: Node | undefined = last; node !== undefined && isEmpty(node) && parts.length > 0;) {
      const parent = nodes.pop()
      const part = parts.pop()
      if (parent !== undefined && part !== undefined) removeChild(parent, part)
      node = parent
    }
  }

  /**
   * The paths that may match a request that a path matches, whatever stands for its placeholders, or for an id behind
   * it. Paths whose case differs are among them.
   */
  * near (parts: readonly string[]): Iterable<PathOfTree> {
    yield * nearIn(this.root, parts, 0)
  }
}

/** Goes down both as far as they can match the same request: one of them may go on for one more part, the id. */
function * nearIn (node: Node, parts: readonly string[], depth: number): Iterable<PathOfTree> {
  if (depth >= parts.length - 1) yield * node.paths
  if (depth > parts.length) return
  const part = parts[depth]
  if (part === undefined || isPlaceholder(part)) {
    for (const child of node.children?.values() ?? []) yield * nearIn(child, parts, depth + 1)
  } else {
    const child = node.children?.get(part.toLowerCase())
    if (child !== undefined) yield * nearIn(child, parts, depth + 1)
  }
  if (node.open !== undefined) yield * nearIn(node.open, parts, depth + 1)
}

function childOf (node: Node, part: string): Node | undefined {
  return isPlaceholder(part) ? node.open : node.children?.get(part.toLowerCase())
}

function addChild (node: Node, part: string): Node {
  const child = newNode()
  if (isPlaceholder(part)) node.open = child
  else (node.children ??= new Map<string, Node>()).set(part.toLowerCase(), child)
  return child
}

function removeChild (node: Node, part: string): void {
  if (isPlaceholder(part)) node.open = undefined
  else node.children?.delete(part.toLowerCase())
  if (node.children?.size === 0) node.children = undefined
}

function isEmpty ({ children, open, paths }: Node): boolean {
  return children === undefined && open === undefined && paths.length === 0
}
