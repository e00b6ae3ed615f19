import Component = require('cote/src/components/component')
import type { Discovery } from './discovery'

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
  readonly name: string
  /** cote's key and namespace; feathers-distributed has the same for both. */
  readonly key: string
  /** The node that it belongs to. */
  readonly node: { readonly id: string, readonly key: string }
}

/**
 * A component of cote that shares the discovery socket of its node.
 *
 * The base is that of cote's own Requester, Responder, Publisher and Subscriber, not one of those: they open
 * a socket each for their hellos, and look for a free port by opening servers from 8000 up, which the app may want.
 */
export abstract class NodeComponent extends Component {
  constructor ({ name, key, node }: ComponentIdentity, private readonly options: ComponentOptions) {
    super({ name, namespace: key, appUuid: node.id, appDistributionKey: node.key })
    // cote takes the environment from its class, which all nodes of a process share.
    this.advertisement.key = `${options.environment}$$${key}`
  }

  /** Announces the component, or what it has become. */
  override startDiscovery (): void {
    this.options.discovery.advertise(this.options.iid, this.advertisement)
  }
}
