import { createSocket, type Socket } from 'node:dgram'
import { ConfigurationError } from '../../errors'
import { debug } from './debug'
import type { DiscoveryOptions } from './discovery'

type SocketOptions = Pick<DiscoveryOptions, 'port' | 'address' | 'multicast' | 'unicast'>

/**
 * Opens the UDP socket of a node, on a port that all nodes of a machine share.
 *
 * @throws {@link ConfigurationError} when a program has the port for itself alone
 */
export async function openDiscoverySocket ({ port, address, multicast, unicast }: SocketOptions): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', reuseAddr: true })
  await new Promise<void>((resolve, reject) => {
    socket.once('error', (error: NodeJS.ErrnoException) => {
      socket.close()
      reject(error.code === 'EADDRINUSE'
        ? new ConfigurationError([`UDP port ${port} for discovery is taken by a program that does not share it; ` +
          'end that program, or give all nodes another port with cote: { port }'])
        : error)
    })
    // A worker of node:cluster would share the socket of its primary, and each packet would reach one of the workers.
    socket.bind({ port, address, exclusive: true }, resolve)
  })
  socket.removeAllListeners('error')
  // A send may fail while a network is down; the next hello is the remedy.
  socket.on('error', error => debug('discovery socket: %s', error.message))
  if (unicast === undefined && multicast !== undefined) socket.addMembership(multicast)
  else socket.setBroadcast(true)
  return socket
}
