import { isPlaceholder } from './path'

/** How many parts of a path the tree goes by: peers choose how many there are. */
const DEPTH = 8

/** A path in a tree. */
export interface TreePath {
  readonly path: string
  readonly parts: readonly string[]
}

/** The paths that end in one place: as a rule there is one, which takes no map. */
class PathsByKey {
  private onlyKey: string | undefined
  private only: TreePath | undefined
  private byKey: Map<string, Map<string, TreePath>> | undefined

  get isEmpty (): boolean {
    return this.only === undefined && (this.byKey?.size ?? 0) === 0
  }

  add (key: string, place: TreePath): void {
    if (this.isEmpty) {
      this.onlyKey = key
      this.only = place
      return
    }
    if (this.only !== undefined) this.addToMap(this.onlyKey ?? '', this.only)
    this.only = this.onlyKey = undefined
    this.addToMap(key, place)
  }

  delete (key: string, path: string): void {
    if (this.only !== undefined) {
      if (this.onlyKey === key && this.only.path === path) this.only = this.onlyKey = undefined
      return
    }
    const ofKey = this.byKey?.get(key)
    ofKey?.delete(path)
    if (ofKey?.size === 0) this.byKey?.delete(key)
  }

  /** Adds those of all keys but one to a list. */
  addOthers (key: string, found: TreePath[]): void {
    if (this.only !== undefined && this.onlyKey !== key) found.push(this.only)
    this.byKey?.forEach((paths, ofOther) => { if (ofOther !== key) paths.forEach(each => found.push(each)) })
  }

  private addToMap (key: string, place: TreePath): void {
    const byKey = this.byKey ??= new Map<string, Map<string, TreePath>>()
    const ofKey = byKey.get(key)
    if (ofKey === undefined) byKey.set(key, new Map([[place.path, place]]))
    else ofKey.set(place.path, place)
  }
}

interface Node {
  /** The nodes below, by the next part in lower case. */
  children: Map<string, Node> | undefined
  /** What is below any placeholder. */
  open: Node | undefined
  /**
   * The paths that end here, by their keys: they differ in case, or in names of placeholders. At full depth also longer
   * ones.
   */
  paths: PathsByKey | undefined
  /** The key of all paths here and below; undefined if there are, or were, several. */
  onlyKey: string | undefined
}

/**
 * Paths with the keys of their nodes. Of other keys those are found quickly that some request may match as well as
 * another path. One node may choose very many paths, so among paths of one key nothing is compared.
 */
export class PathTree {
  private readonly root = newNode(undefined)
  private readonly keys = new Map<string, string>()

  /** Adds a path, or gives it another key. */
  add (path: string, key: string): void {
    const before = this.keys.get(path)
    if (before === key) return
    if (before !== undefined) this.delete(path)
    this.keys.set(path, key)
    const parts = path.split('/')
    let node = this.root
    for (const part of parts.slice(0, DEPTH)) node = childFor(node, part, key)
    node.paths ??= new PathsByKey()
    node.paths.add(key, { path, parts })
  }

  /** Removes a path. */
  delete (path: string): void {
    const key = this.keys.get(path)
    if (key === undefined) return
    this.keys.delete(path)
    deleteBelow(this.root, path.split('/', DEPTH), 0, { path, key })
  }

  /**
   * The paths of other keys that may match a request that a path matches, whatever stands for its placeholders, or for
   * an id behind it. There may be others among them, such as those that differ in case.
   *
   * @param key - the key of the nodes of that path
   */
  near (parts: readonly string[], key: string): readonly TreePath[] {
    const found: TreePath[] = []
    collect(this.root, { parts, key, found }, 0)
    return found
  }
}

interface Search {
  readonly parts: readonly string[]
  readonly key: string
  readonly found: TreePath[]
}

/** Goes down as long as both can match the same request: one of them may go on for one more part, the id. */
function collect (node: Node, search: Search, depth: number): void {
  const { parts, key, found } = search
  if (node.onlyKey === key) return
  if (depth >= Math.min(parts.length - 1, DEPTH)) {
    node.paths?.addOthers(key, found)
  }
  if (depth > parts.length) return
  const part = parts[depth]
  if (part === undefined || isPlaceholder(part)) {
    node.children?.forEach(child => collect(child, search, depth + 1))
  } else {
    const child = node.children?.get(part.toLowerCase())
    if (child !== undefined) collect(child, search, depth + 1)
  }
  if (node.open !== undefined) collect(node.open, search, depth + 1)
}

interface Removed {
  readonly path: string
  readonly key: string
}

/** Removes a path, and the nodes that are left without any. */
function deleteBelow (node: Node, parts: readonly string[], depth: number, removed: Removed): void {
  const part = parts[depth]
  if (part === undefined) return deleteAt(node, removed)
  const child = childOf(node, part)
  if (child === undefined) return
  deleteBelow(child, parts, depth + 1, removed)
  if (child.children === undefined && child.open === undefined && child.paths === undefined) removeChild(node, part)
}

function deleteAt (node: Node, { path, key }: Removed): void {
  node.paths?.delete(key, path)
  if (node.paths?.isEmpty === true) node.paths = undefined
}

function newNode (onlyKey: string | undefined): Node {
  return { children: undefined, open: undefined, paths: undefined, onlyKey }
}

function childOf (node: Node, part: string): Node | undefined {
  return isPlaceholder(part) ? node.open : node.children?.get(part.toLowerCase())
}

/** The child on the way to a path of a key. */
function childFor (node: Node, part: string, key: string): Node {
  const child = childOf(node, part)
  if (child === undefined) return addChild(node, part, newNode(key))
  if (child.onlyKey !== key) child.onlyKey = undefined
  return child
}

function addChild (node: Node, part: string, child: Node): Node {
  if (isPlaceholder(part)) node.open = child
  else (node.children ??= new Map<string, Node>()).set(part.toLowerCase(), child)
  return child
}

function removeChild (node: Node, part: string): void {
  if (isPlaceholder(part)) node.open = undefined
  else node.children?.delete(part.toLowerCase())
  if (node.children?.size === 0) node.children = undefined
}
