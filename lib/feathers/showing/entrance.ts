import { describe, type ServiceDescriptor } from '../../contract/descriptor'
import { answersFor, beginsWithPlaceholder } from '../../contract/path'
import { PathTree, type TreePath } from '../../contract/path-tree'
import type { Notices } from '../../registry/notices'
import type { Registry } from '../../registry/registry'
import type { RemoteServiceEntry } from '../../registry/remote-service-entry'

/** What an {@link Entrance} goes by. */
export interface EntranceOptions {
  readonly registry: Registry
  /** Paths that are on the app even while no node hosts them. */
  readonly declared: ReadonlySet<string>
  /** The keys that this node expects at paths. @default any, the first that joins */
  readonly keys?: ReadonlyMap<string, string>
  /** Whether the options of this node give a service just this path. @default never */
  readonly isNamed?: (service: ServiceDescriptor, path: string) => boolean
}

/**
 * Decides which services of other nodes may be on the app. Peers choose their paths, and some would answer requests
 * that are for others: these get in only if this node names them.
 */
export class Entrance {
  /** The paths of services of other nodes on the app, with the keys of the nodes that serve them. */
  private readonly inside = new PathTree()
  /** The paths that are kept out, with the path that each would answer for. */
  private readonly waiting = new Map<string, string>()
  /** The same by the other path. */
  private readonly keptOutBy = new Map<string, Set<string>>()

  /** @param ignoresCase - whether requests for `Todos` are for `todos` as well */
  constructor (
    private readonly options: EntranceOptions, private readonly ignoresCase: () => boolean,
    private readonly notices: Notices
  ) {}

  /** A service is on the app now, or other nodes serve it. */
  enter (path: string): void {
    const key = this.keyOf(path)
    // Nobody serves a declared one yet: it keeps out nothing.
    if (key === undefined) this.inside.delete(path)
    else this.inside.add(path, key)
  }

  /** A service is not on the app any more. */
  leave (path: string): void {
    this.inside.delete(path)
  }

  /** Whether a service may take requests of this app's clients. */
  admits (entry: RemoteServiceEntry): boolean {
    const { path, key } = entry
    this.endWaiting(path)
    const parts = path.split('/')
    const others = this.inside.near(parts, key)
    const other = beginsWithPlaceholder(path) ? path : this.answeredBy(path, parts, others)
    if (other === undefined || this.isWanted(entry)) {
      this.tellOfOthers(entry, parts, others)
      return true
    }
    if (other === path) {
      this.notices.tell('open', path, `the service '${path}' of other nodes is not on this app, as its path matches ` +
        'requests for others; it gets there where remoteServices lists that path, or remoteServicePath returns it')
    } else {
      this.keepOut(path, other)
      this.notices.tell('covered', path, `the service '${path}' of nodes of key '${key}' is not on this app, as it ` +
        `would answer requests for '${other}', which nodes of key '${String(this.keyOf(other))}' serve; it gets there ` +
        'where remotes or remoteServices lists that path')
    }
    return false
  }

  /** A path is free again. Returns the paths that were kept out because of it. */
  freed (path: string): readonly string[] {
    return [...this.keptOutBy.get(path) ?? []]
  }

  /** A service has gone, or may come in: if it was kept out, it is not any more. */
  endWaiting (path: string): void {
    const other = this.waiting.get(path)
    if (other === undefined) return
    this.waiting.delete(path)
    const paths = this.keptOutBy.get(other)
    paths?.delete(path)
    if (paths?.size === 0) this.keptOutBy.delete(other)
  }

  private keepOut (path: string, other: string): void {
    this.waiting.set(path, other)
    const paths = this.keptOutBy.get(other)
    if (paths === undefined) this.keptOutBy.set(other, new Set([path]))
    else paths.add(path)
  }

  /** The path whose requests a service would take from nodes of another key; undefined if there is none. */
  private answeredBy (path: string, parts: readonly string[], others: readonly TreePath[]): string | undefined {
    const ignoresCase = this.ignoresCase()
    return others.find(other => other.path !== path && answersFor(parts, other.parts, ignoresCase))?.path
  }

  /** Services that were there before stay, and may answer requests for one that comes. */
  private tellOfOthers (
    { path, key }: RemoteServiceEntry, parts: readonly string[], others: readonly TreePath[]
  ): void {
    const ignoresCase = this.ignoresCase()
    for (const { path: other, parts: ofOther } of others) {
      if (!answersFor(ofOther, parts, ignoresCase)) continue
      const entry = this.options.registry.service(other)
      // Nodes of the key that this node names for it may be yet to come.
      if (entry === undefined || entry.key === key) continue
      if (other === path || this.isWanted(entry)) continue
      this.notices.tell('covered', other, `the service '${other}' of nodes of key '${entry.key}' answers requests for ` +
        `'${path}', which nodes of key '${key}' serve, as it came first; remotes: [{ path: '${path}', key: '${key}' }] ` +
        'keeps them with that key')
    }
  }

  /** Whether the options of this node name the very path of a service. */
  private isWanted ({ path, hosts: [host] }: RemoteServiceEntry): boolean {
    const { declared, isNamed } = this.options
    if (declared.has(path)) return true
    return host !== undefined && isNamed?.(describe(host.node, host.contract), path) === true
  }

  private keyOf (path: string): string | undefined {
    const { keys, registry } = this.options
    return keys?.get(path) ?? registry.service(path)?.key
  }
}
