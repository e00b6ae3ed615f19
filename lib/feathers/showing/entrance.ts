import { describe, type ServiceDescriptor } from '../../contract/descriptor'
import { answersFor, beginsWithPlaceholder } from '../../contract/path'
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

/** What is on the app already. */
export interface Inside {
  /** The services of other nodes on the app, by path, with the parts of their paths. */
  readonly placed: ReadonlyMap<string, { readonly parts: readonly string[] }>
  /** Whether requests for `Todos` are for `todos` as well. */
  readonly ignoresCase: () => boolean
}

/**
 * Decides which services of other nodes may be on the app. Peers choose their paths, and some would answer requests
 * that are for others: these get in only if this node names them.
 */
export class Entrance {
  /** The paths that are kept out, with the path that each would answer for. */
  private readonly waiting = new Map<string, string>()

  constructor (
    private readonly options: EntranceOptions, private readonly inside: Inside, private readonly notices: Notices
  ) {}

  /** Whether a service may take requests of this app's clients. */
  admits (entry: RemoteServiceEntry): boolean {
    const { path, key } = entry
    this.waiting.delete(path)
    const other = beginsWithPlaceholder(path) ? path : this.answeredBy(entry)
    if (other === undefined || this.isWanted(entry)) {
      this.tellOfOthers(entry)
      return true
    }
    if (other === path) {
      this.notices.tell('open', path, `the service '${path}' of other nodes is not on this app, as its path matches ` +
        'requests for others; it gets there where remoteServices lists that path, or remoteServicePath returns it')
    } else {
      this.waiting.set(path, other)
      this.notices.tell('covered', path, `the service '${path}' of nodes of key '${key}' is not on this app, as it ` +
        `would answer requests for '${other}', which nodes of key '${String(this.keyOf(other))}' serve; it gets there ` +
        'where remotes or remoteServices lists that path')
    }
    return false
  }

  /** A path is free again. Returns the paths that were kept out because of it. */
  freed (path: string): readonly string[] {
    return [...this.waiting].filter(([, other]) => other === path).map(([each]) => each)
  }

  /** A service has gone that may have been kept out. */
  left (path: string): void {
    this.waiting.delete(path)
  }

  /** The path whose requests a service would take from nodes of another key; undefined if there is none. */
  private answeredBy ({ path, key }: RemoteServiceEntry): string | undefined {
    const parts = path.split('/')
    const ignoresCase = this.inside.ignoresCase()
    for (const [other, { parts: ofOther }] of this.inside.placed) {
      if (other !== path && answersFor(parts, ofOther, ignoresCase) && (this.keyOf(other) ?? key) !== key) return other
    }
    return undefined
  }

  /** Services that were there before stay, and may answer requests for one that comes. */
  private tellOfOthers ({ path, key }: RemoteServiceEntry): void {
    const parts = path.split('/')
    const ignoresCase = this.inside.ignoresCase()
    for (const [other, { parts: ofOther }] of this.inside.placed) {
      const entry = this.options.registry.service(other)
      if (entry === undefined || entry.key === key || !answersFor(ofOther, parts, ignoresCase)) continue
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
