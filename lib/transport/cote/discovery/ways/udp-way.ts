import type { RemoteInfo } from 'node:dgram'
import { isLoopback, isThisMachine } from '../../../ip-address'
import { LOOPBACK_BROADCAST } from '../../addresses'
import type { Medium, PacketWay, WayContext } from '../way'
import { AnswerSocket } from './answer-socket'
import { DiscoverySocket } from './discovery-socket'

/** How hellos travel over UDP, by cote's names. */
export type UdpKind = 'broadcast' | 'multicast' | 'unicast'

/** Bytes of the longest packet that UDP carries over IPv4. */
const MAX_PACKET_BYTES = 65_507
const EVERYWHERE = '0.0.0.0'

/** Finds nodes by packets to a broadcast address, a multicast group, or single addresses. */
export class UdpWay implements PacketWay {
  readonly isBroker = false

  /** @param hosts - where hellos go: one address, or for unicast several */
  constructor (private readonly kind: UdpKind, readonly hosts: readonly string[]) {}

  title (port: number): string {
    return `by ${this.kind} to ${this.hosts.join(', ')}, UDP port ${port}`
  }

  async open ({ port, receive, onRejected }: WayContext): Promise<Medium> {
    const { kind } = this
    const isLocal = this.hosts.every(isThisMachine)
    const destinations = kind === 'unicast' ? [...new Set(this.hosts.map(reachable))] : this.hosts
    const socket = await DiscoverySocket.open({
      port, kind, destinations, address: isLocal && kind !== 'unicast' ? localAddress() : EVERYWHERE
    })
    const onMessage = (bytes: Buffer, from: RemoteInfo): void => {
      // Packets with a loopback source can't arrive from a network.
      if (isLocal && !isLoopback(from.address)) onRejected('distantHello', from.address)
      else receive(bytes, from.address)
    }
    socket.onMessage(onMessage)
    // Beyond this machine, a firewall may let packets through to the port of discovery alone.
    const answers = isLocal ? await AnswerSocket.open() : undefined
    answers?.onMessage(onMessage)
    return new UdpMedium(socket, destinations, answers)
  }
}

/** A socket, and where packets go. */
class UdpMedium implements Medium {
  readonly maxBytes = MAX_PACKET_BYTES
  readonly isUp = true

  constructor (
    private readonly socket: DiscoverySocket, private readonly destinations: readonly string[],
    readonly answers: AnswerSocket | undefined
  ) {}

  async send (packet: Buffer): Promise<'too long' | undefined> {
    const { socket, destinations } = this
    const sent = await Promise.all(destinations.map(async destination => await socket.send(packet, destination)))
    return sent.includes('too long') ? 'too long' : undefined
  }

  async close (): Promise<void> {
    await Promise.all([this.socket.close(), this.answers?.close()])
  }
}

/** Of all sockets of this machine that share a port, one alone would get a packet that is for 127.0.0.1, or for ::1. */
function reachable (host: string): string {
  return isThisMachine(host) ? LOOPBACK_BROADCAST : host
}

/** Linux gives a socket that is bound to the broadcast address only what was broadcast on loopback. */
function localAddress (): string {
  return process.platform === 'linux' ? LOOPBACK_BROADCAST : EVERYWHERE
}
