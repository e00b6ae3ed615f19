import { isPlaceholder } from './path'

/** How many parts of a path the tree goes by: peers choose how many there are. */
const DEPTH = 8

interface Node {
  /** The nodes below, by the next part in lower case. */
  children: Map<string, Node> | undefined
  /** What is below any placeholder. */
  open: Node | undefined
  /** The paths that end here: they differ in case, or in names of placeholders. At full depth also longer ones. */
  paths: string[] | undefined
}

/** Paths, of which those are found quickly that some request may match as well as another path. */
export class PathTree {
  private readonly root = newNode()

  /** Adds a path, unless it is there. */
  add (path: string): void {
    let node = this.root
    for (const part of path.split('/', DEPTH)) node = childOf(node, part) ?? addChild(node, part)
    if (node.paths === undefined) node.paths = [path]
    else if (!node.paths.includes(path)) node.paths.push(path)
  }

  /** Removes a path. */
  delete (path: string): void {
    deleteBelow(this.root, path.split('/', DEPTH), 0, path)
  }

  /**
   * The paths that may match a request that a path matches, whatever stands for its placeholders, or for an id behind
   * it. There may be others among them, such as those that differ in case.
   */
  near (parts: readonly string[]): readonly string[] {
    const found: string[] = []
    collect(this.root, parts, 0, found)
    return found
  }
}

/** Goes down as long as both can match the same request: one of them may go on for one more part, the id. */
function collect (node: Node, parts: readonly string[], depth: number, found: string[]): void {
  if (depth >= Math.min(parts.length - 1, DEPTH)) node.paths?.forEach(path => found.push(path))
  if (depth > parts.length) return
  const part = parts[depth]
  if (part === undefined || isPlaceholder(part)) {
    node.children?.forEach(child => collect(child, parts, depth + 1, found))
  } else {
    const child = node.children?.get(part.toLowerCase())
    if (child !== undefined) collect(child, parts, depth + 1, found)
  }
  if (node.open !== undefined) collect(node.open, parts, depth + 1, found)
}

/** Removes a path, and the nodes that are left without any. */
function deleteBelow (node: Node, parts: readonly string[], depth: number, path: string): void {
  const part = parts[depth]
  if (part === undefined) {
    const left = node.paths?.filter(each => each !== path) ?? []
    node.paths = left.length === 0 ? undefined : left
    return
  }
  const child = childOf(node, part)
  if (child === undefined) return
  deleteBelow(child, parts, depth + 1, path)
  if (child.children === undefined && child.open === undefined && child.paths === undefined) removeChild(node, part)
}

function newNode (): Node {
  return { children: undefined, open: undefined, paths: undefined }
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
