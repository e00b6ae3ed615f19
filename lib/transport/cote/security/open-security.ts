import { connect } from 'node:net'
import type { OnRejected } from '../../rejections'
import { readPacket } from '../discovery/hello'
import { readEnvelope } from './hellos/envelope'
import type { Dial, Entrance, HelloSeal, OnConnection, Security } from './security'

/** A mesh without secret: whoever reaches a node belongs to it. */
export class OpenSecurity implements Security {
  readonly hellos: HelloSeal

  constructor ({ environment, onRejected }: { readonly environment: string, readonly onRejected: OnRejected }) {
    this.hellos = {
      seal: packet => packet,
      open (bytes, { address }) {
        const packet = readPacket(bytes)
        if (packet !== undefined) return packet
        const envelope = readEnvelope(bytes)
        if (envelope === undefined) onRejected('malformedPacket', address)
        // Another mesh may share the port: only one of the same name is a mistake.
        else if (envelope.environment === environment) {
          onRejected('sealedHello', address, 'give this node that secret, or a certificate of that mesh')
        }
        return undefined
      }
    }
  }

  readonly dial: Dial = ({ host, port }, onReady) => connect({ host, port }).once('connect', onReady)

  credential (): string {
    return ''
  }

  entrance (onConnection: OnConnection): Entrance {
    return { admit: socket => onConnection(socket, undefined), close: () => {} }
  }
}
