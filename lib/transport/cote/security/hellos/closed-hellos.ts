import type { OnRejected } from '../../../rejections'
import { MESH_VERSION } from '../../../session/control'
import { isOfEnvironment, readPacket, type Packet } from '../../discovery/hello'
import { readEnvelope, type Envelope } from './envelope'

export interface ClosedHellosOptions {
  readonly environment: string
  /** Where this node listens. */
  readonly address: string
  readonly onRejected: OnRejected
}

/** What nodes of a mesh prove themselves with, in the words of its log. */
export type Proof = 'secret' | 'certificate'

/** The envelope of a node of this mesh, which is still to be proven; all else was counted, if it was meant for it. */
export function openEnvelope (
  bytes: Buffer, address: string, proof: Proof, { environment, onRejected }: ClosedHellosOptions
): Envelope | undefined {
  const envelope = readEnvelope(bytes)
  // Another mesh may share the port.
  if (envelope !== undefined) return envelope.environment === environment ? envelope : undefined
  const packet = readPacket(bytes)
  if (packet === undefined) onRejected('malformedPacket', address)
  // Whatever else may use cote on the port is none of this mesh.
  else if (packet.event === 'goodbye' || isOfEnvironment(packet.advertisement, environment)) {
    onRejected('plainHello', address, plainHelloDetail(packet, proof))
  }
  return undefined
}

/**
 * A packet that was proven, if it speaks of one of our nodes. Those of feathers-distributed are talked to in plain
 * text, and believed in what they say of themselves: somebody who has a proof must not pass for one.
 */
export function ofOurKind (packet: Packet | undefined, address: string, onRejected: OnRejected): Packet | undefined {
  if (packet?.advertisement === undefined) return packet
  const { mesh } = packet.advertisement
  if (mesh !== undefined && mesh.version >= MESH_VERSION) return packet
  onRejected('plainHello', address, 'it says that it is a node of feathers-distributed, and those can prove nothing')
  return undefined
}

/** Says what a node has to do that said hello without any proof. */
function plainHelloDetail ({ hostName, advertisement }: Packet, proof: Proof): string {
  const host = hostName === undefined ? '' : ` on ${JSON.stringify(hostName)}`
  return advertisement !== undefined && advertisement.mesh === undefined
    ? `a node of feathers-distributed${host} can't prove a ${proof}; for as long as there are such, the mesh can have none`
    : `a node${host} has no ${proof}; give it ${proof === 'secret' ? 'that' : 'one'} of this mesh`
}
