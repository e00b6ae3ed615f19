import { subscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:dgram'

/** Counts the UDP packets of this process: those of discovery, as there are no others. */
export class UdpPackets {
  sent = 0
  received = 0

  constructor () {
    subscribe('udp.socket', message => {
      const { socket } = message as { socket: Socket }
      socket.on('message', () => { this.received++ })
      const send = socket.send.bind(socket) as (...args: unknown[]) => void
      // On this one socket alone, and for all of the signatures that it has.
      socket.send = ((...args: unknown[]) => {
        this.sent++
        send(...args)
      }) as typeof socket.send
    })
  }
}
