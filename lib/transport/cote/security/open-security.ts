import { connect } from 'node:net'
import type { HelloSeal } from '../discovery/hello-seal'
import { PacketReader } from '../discovery/packet-reader'
import { readEnvelope } from './hellos/envelope'
import type { Acceptor, Dial, OnConnection, Security, SecurityContext } from './security'

/** A mesh without a secret: any node that can reach it belongs to it. */
export class OpenSecurity implements Security {
  readonly hellos: HelloSeal

  constructor (
    { environment, onRejected, onOtherMesh }: Pick<SecurityContext, 'environment' | 'onRejected' | 'onOtherMesh'>
  ) {
    const packets = new PacketReader()
    this.hellos = {
      isClosed: false,
      isEncrypted: false,
      seal: packet => packet,
      open (bytes, { address }) {
        const packet = packets.read(bytes)
        if (packet !== undefined) return packet
        const envelope = readEnvelope(bytes)
        if (envelope === undefined) onRejected('malformedPacket', address)
        // A mesh of another name may share the port. One of the same name is a mistake.
        else if (envelope.environment !== environment) onOtherMesh?.(address, envelope.environment)
        else onRejected('sealedHello', address, 'give this node that secret, or a certificate of that mesh')
        return undefined
      }
    }
  }

  readonly dial: Dial = ({ host, port }, onReady) => connect({ host, port }).once('connect', onReady)

  credential (): string {
    return ''
  }

  acceptor (onConnection: OnConnection): Acceptor {
    return { accept: socket => onConnection(socket, undefined), close: () => {} }
  }
}
