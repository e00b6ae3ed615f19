import { RecentMap } from '../collections/recent-map'
import { printable } from '../printable'
import type { Notices } from './notices'

/** Of how many paths the key that had them last is known: peers choose the paths. */
const MAX_PATHS = 10_000

/** Whose nodes serve a path: those of the key that this node names, or else of the key that came first. */
export class PathKeys {
  private readonly last = new RecentMap<string, string>(MAX_PATHS)

  /** @param named - the keys that this node expects, by path */
  constructor (private readonly named: ReadonlyMap<string, string>, private readonly notices: Notices) {}

  /** Whether nodes of a key may serve a path. */
  permits (path: string, key: string): boolean {
    const named = this.named.get(path)
    return named === undefined || named === key
  }

  /** Nodes of a key serve a path from now on. */
  use (path: string, key: string): void {
    const last = this.last.get(path)
    if (last === undefined || last === key) return
    this.notices.tell('changed', path, `nodes of key ${quoted(key)} serve ${quoted(path)} now, which nodes of key ` +
      `${quoted(last)} served before; ${this.advice(path, last)}`)
  }

  /** Nodes of a key, which served a path, do not any more. */
  left (path: string, key: string): void {
    this.last.set(path, key)
  }

  /** Nodes of a key offer a path that they don't serve. */
  pass (path: string, key: string, inUse: string | undefined): void {
    const named = this.named.get(path)
    const what = `nodes of key ${quoted(key)} offer ${quoted(path)}, and get no calls of this node: `
    if (named !== undefined) {
      this.notices.tell('passed', path, `${what}option 'remotes' names the key ${quoted(named)}`)
    } else if (inUse !== undefined) {
      this.notices.tell('passed', path, `${what}those of key ${quoted(inUse)} came first; ${this.advice(path, inUse)}`)
    }
  }

  private advice (path: string, key: string): string {
    return `remotes: [{ path: ${quoted(path)}, key: ${quoted(key)} }] keeps it with that key`
  }
}

/** Peers choose paths and keys, which must leave room for the rest of the line. */
function quoted (name: string): string {
  return `'${printable(name.length > 60 ? `${name.slice(0, 60)}…` : name)}'`
}
