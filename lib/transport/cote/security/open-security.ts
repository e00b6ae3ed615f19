import { connect } from 'node:net'
import type { Refuse } from '../../refusals'
import { readPacket } from '../hello'
import { readEnvelope } from './envelope'
import type { Dial, Entrance, HelloSeal, OnConnection, Security } from './security'

/** A mesh without secret: whoever reaches a node belongs to it. */
export class OpenSecurity implements Security {
  readonly hellos: HelloSeal

  constructor ({ environment, refuse }: { readonly environment: string, readonly refuse: Refuse }) {
    this.hellos = {
      seal: packet => packet,
      open (bytes, { address }) {
        const packet = readPacket(bytes)
        if (packet !== undefined) return packet
        const envelope = readEnvelope(bytes)
        if (envelope === undefined) refuse('malformedPacket', address)
        // Another mesh may share the port: only one of the same name is a mistake.
        else if (envelope.environment === environment) {
          refuse('sealedHello', address, 'give this node that secret, or a certificate of that mesh')
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
