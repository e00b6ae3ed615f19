import type { OnRejected } from '../../../rejections'
import { isOfEnvironment, readPacket, type Packet } from '../../discovery/hello'
import type { HelloContext } from '../../discovery/hello-seal'
import { readEnvelope, type Envelope } from './envelope'

/** What the nodes of a mesh prove themselves with, as its log calls it. */
export type Proof = 'secret' | 'certificate'

/**
 * Reads an envelope of this mesh, which is not proven yet. Undefined for anything else, which is counted as rejected
 * unless it belongs to another mesh.
 */
export function openEnvelope (
  bytes: Buffer, address: string, proof: Proof, { environment, onRejected, onOtherMesh }: HelloContext
): Envelope | undefined {
  const envelope = readEnvelope(bytes)
  if (envelope?.environment === environment) return envelope
  if (envelope !== undefined) {
    onOtherMesh?.(address, envelope.environment)
    return undefined
  }
  const packet = readPacket(bytes)
  if (packet === undefined) onRejected('malformedPacket', address)
  // Other programs may use cote on the port.
  else if (packet.event === 'goodbye' || isOfEnvironment(packet.advertisement, environment)) {
    onRejected('plainHello', address, plainHelloDetail(packet, proof))
  }
  return undefined
}

/**
 * Accepts a proven packet, unless it claims to come from a node of feathers-distributed. Connections to those are not
 * encrypted, and what they say of themselves is believed: a node that has a proof must not pass for one.
 */
export function acceptPacket (packet: Packet | undefined, address: string, onRejected: OnRejected): Packet | undefined {
  if (packet?.advertisement === undefined) return packet
  if (packet.advertisement.mesh !== undefined) return packet
  onRejected('plainHello', address, 'it says that it is a node of feathers-distributed, and those can prove nothing')
  return undefined
}

/** Tells what to do about a node that sent a hello without proof. */
function plainHelloDetail ({ hostName, advertisement }: Packet, proof: Proof): string {
  const host = hostName === undefined ? '' : ` on ${JSON.stringify(hostName)}`
  return advertisement !== undefined && advertisement.mesh === undefined
    ? `a node of feathers-distributed${host} can't prove a ${proof}; for as long as there are such, the mesh can have none`
    : `a node${host} has no ${proof}; give it ${proof === 'secret' ? 'that' : 'one'} of this mesh`
}
