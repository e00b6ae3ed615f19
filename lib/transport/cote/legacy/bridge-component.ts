import { NodeComponent, type ComponentIdentity, type ComponentOptions } from '../discovery/component'
import { MESH_VERSION } from '../../session/control'

/**
 * A component that only nodes of feathers-distributed look for. Nodes of our kind tell it by its version:
 * they know a node by its responder, and would else take this one for an old node.
 */
export abstract class BridgeComponent extends NodeComponent {
  constructor (identity: ComponentIdentity, options: ComponentOptions) {
    super(identity, options)
    this.advertisement.mesh = { version: MESH_VERSION, revision: 0 }
  }
}
