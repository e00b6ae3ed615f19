import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { ConfigurationError } from '../../../../errors'
import { messageOf } from '../../../../printable'
import { groupOf, isOfIPv6 } from '../../addresses'
import { debug } from '../../debug'

/** What a discovery socket keeps of packets until they are read, as far as the system allows. */
const RECEIVE_BYTES = 1_048_576

/** How hellos travel. */
export interface SocketOptions {
  /** The UDP port that all nodes share. */
  readonly port: number
  /** The address that the UDP socket is bound to. */
  readonly address: string
  readonly kind: 'broadcast' | 'multicast' | 'unicast'
  /** Where hellos go. */
  readonly destinations: readonly string[]
}

/** The UDP port of a node, which all nodes of a machine share: one socket for each IP family that its hellos use. */
export class DiscoverySocket {
  private constructor (private readonly byFamily: ReadonlyMap<4 | 6, Socket>, private readonly port: number) {}

  /** @throws {@link ConfigurationError} if another program uses the port exclusively */
  static async open (options: SocketOptions): Promise<DiscoverySocket> {
    const families = new Set(options.destinations.map(familyOf))
    const sockets = new Map<4 | 6, Socket>()
    try {
      for (const family of families) sockets.set(family, await openSocket(family, options))
    } catch (error) {
      for (const socket of sockets.values()) socket.close()
      throw error
    }
    return new DiscoverySocket(sockets, options.port)
  }

  /** Adds a listener for packets. */
  onMessage (listener: (bytes: Buffer, from: RemoteInfo) => void): void {
    for (const socket of this.byFamily.values()) socket.on('message', listener)
  }

  /** Sends a packet. Resolves when it has left, or has failed to. Tells if the network takes none of that length. */
  async send (packet: Buffer, destination: string): Promise<'too long' | undefined> {
    return await new Promise(resolve => {
      const socket = this.byFamily.get(familyOf(destination))
      if (socket === undefined) return resolve(undefined)
      socket.send(packet, this.port, destination, (error: NodeJS.ErrnoException | null) => {
        if (error !== null) debug('no packet to %s: %s', destination, error.message)
        resolve(error?.code === 'EMSGSIZE' ? 'too long' : undefined)
      })
    })
  }

  /** Closes the sockets. */
  async close (): Promise<void> {
    await Promise.all([...this.byFamily.values()].map(async socket => {
      await new Promise<void>(resolve => { socket.close(resolve) })
    }))
  }
}

/** Host names are resolved to IPv4. */
function familyOf (destination: string): 4 | 6 {
  return isOfIPv6(destination) ? 6 : 4
}

async function openSocket (family: 4 | 6, { port, address, kind, destinations }: SocketOptions): Promise<Socket> {
  const socket = family === 4
    ? createSocket({ type: 'udp4', reuseAddr: true })
    : createSocket({ type: 'udp6', reuseAddr: true, ipv6Only: true })
  await new Promise<void>((resolve, reject) => {
    socket.once('error', (error: NodeJS.ErrnoException) => {
      socket.close()
      reject(error.code === 'EADDRINUSE'
        ? new ConfigurationError([`UDP port ${port} for discovery is taken by a program that does not share it; ` +
          'end that program, or give all nodes another port with cote: { port }'])
        : error)
    })
    // Workers of node:cluster would share one socket of their primary, and each packet would reach only one of them.
    socket.bind({ port, address: family === 4 ? address : '::', exclusive: true }, resolve)
  })
  socket.removeAllListeners('error')
  // Sending may fail while a network is down; the next hello makes up for it.
  socket.on('error', error => debug('discovery socket: %s', error.message))
  makeRoom(socket)
  if (kind === 'multicast') joinGroups(socket, destinations)
  else if (family === 4) socket.setBroadcast(true)
  return socket
}

/** Hellos of hundreds of nodes may come while a process that starts does not read. */
export function makeRoom (socket: Socket): void {
  try {
    socket.setRecvBufferSize(RECEIVE_BYTES)
  } catch (error) {
    // Linux takes what it allows; other systems refuse what is more than that.
    debug('a UDP socket keeps its buffer: %s', messageOf(error))
  }
}

function joinGroups (socket: Socket, groups: readonly string[]): void {
  for (const group of groups) joinGroup(socket, group)
}

function joinGroup (socket: Socket, multicast: string): void {
  const { group, through } = groupOf(multicast)
  try {
    socket.addMembership(group, through)
    if (through !== undefined) socket.setMulticastInterface(through)
  } catch (error) {
    socket.close()
    throw new ConfigurationError([`no network of this machine carries the group ${multicast} ` +
      `(${(error as NodeJS.ErrnoException).code}); name one that does (cote: { multicast: 'ff12::6d65%eth0' }), or ` +
      'let hellos go by broadcast or unicast'])
  }
}
