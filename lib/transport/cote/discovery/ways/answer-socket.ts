import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { LOOPBACK } from '../../addresses'
import { debug } from '../../debug'
import type { AnswerPort } from '../way'
import { makeRoom } from './discovery-socket'

/**
 * The UDP socket at which a node alone reads answers to its hellos. All nodes of a machine share the port of discovery,
 * so whatever is broadcast there is read by each of them.
 */
export class AnswerSocket implements AnswerPort {
  private constructor (private readonly socket: Socket, readonly port: number) {}

  /** Opens one on loopback, at any port; undefined where the system has none: answers are broadcast then. */
  static async open (): Promise<AnswerSocket | undefined> {
    const socket = createSocket('udp4')
    const isOpen = await new Promise<boolean>(resolve => {
      socket.on('error', error => {
        debug('answer socket: %s', error.message)
        resolve(false)
      })
      // Workers of node:cluster would share one socket of their primary.
      socket.bind({ port: 0, address: LOOPBACK, exclusive: true }, () => resolve(true))
    })
    if (!isOpen) {
      socket.close()
      return undefined
    }
    makeRoom(socket)
    return new AnswerSocket(socket, socket.address().port)
  }

  /** Adds a listener for packets. */
  onMessage (listener: (bytes: Buffer, from: RemoteInfo) => void): void {
    this.socket.on('message', listener)
  }

  /** Sends a packet to that of another node. Resolves when it has left, or has failed to. */
  async send (packet: Buffer, port: number): Promise<void> {
    await new Promise<void>(resolve => {
      this.socket.send(packet, port, LOOPBACK, error => {
        if (error !== null) debug('no answer to port %d: %s', port, error.message)
        resolve()
      })
    })
  }

  /** Closes the socket. */
  async close (): Promise<void> {
    await new Promise<void>(resolve => { this.socket.close(resolve) })
  }
}
