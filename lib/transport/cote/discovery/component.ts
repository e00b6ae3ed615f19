import type { Discovery } from './discovery'
import type { Advertisement } from './hello'

/** What a component of a node needs to be announced. */
export interface ComponentOptions {
  readonly discovery: Discovery
  /** The environment as cote writes it: empty, or the name and a colon. */
  readonly environment: string
  /** Tells this component from all others. */
  readonly iid: string
}

/** Names and fields of a component, as feathers-distributed gives them. */
export interface ComponentIdentity {
  /** What kind of component it is for cote: `rep`, `pub-emitter` or `sub-emitter`. */
  readonly type: string
  readonly name: string
  /** cote's key and namespace; feathers-distributed has the same for both. */
  readonly key: string
  /** The node that it belongs to. */
  readonly node: { readonly id: string, readonly key: string }
}

/** What of an advertisement changes while a node runs. */
type Changes = Partial<Pick<Advertisement, 'port' | 'requests' | 'mesh'>>

/**
 * A component of this node, as other nodes find it. cote's own classes open a socket each for their hellos, and probe
 * ports from 8000 up; all components of a node share its one discovery socket.
 */
export class OwnComponent {
  /** What its hellos tell. */
  advertisement: Advertisement

  constructor ({ type, name, key, node }: ComponentIdentity, private readonly options: ComponentOptions) {
    this.advertisement = {
      name,
      namespace: key,
      appUuid: node.id,
      appDistributionKey: node.key,
      key: `${options.environment}$$${key}`,
      axon_type: type
    }
  }

  /** Announces the component, with what has changed. */
  announce (changes: Changes = {}): void {
    this.advertisement = { ...this.advertisement, ...changes }
    this.options.discovery.advertise(this.options.iid, this.advertisement)
  }
}
