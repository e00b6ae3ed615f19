import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { meshNow } from '../../../clock'
import { HEALTHCHECK, STANDARD_METHODS } from '../../../contract/contract'
import { warn } from '../../../log'
import type { DiscoverySocket } from './discovery-socket'
import type { HelloSeal } from './hello-seal'
import { writeGoodbye, writeHello, type Advertisement, type Sender } from './hello'

/** Bytes of the longest packet that UDP carries over IPv4. */
const MAX_PACKET_BYTES = 65_507
/** Any network carries packets of this many bytes. */
const MIN_PACKET_BYTES = 1_200

/** What stands for the command line of a process in cote's format; peers need none, and it may hold passwords. */
const PROCESS_COMMAND = 'feathers-mesh'

/** The hellos of this node, one for each of its components. Writes them so that each fits into a packet. */
export class OwnHellos {
  /** What they are sent through, while the node is on the mesh. */
  socket: DiscoverySocket | undefined
  private readonly components = new Map<string, Advertisement>()
  private readonly sender: Sender
  private maxBytes = MAX_PACKET_BYTES
  private readonly warnings = new Set<'shortened' | 'too long'>()

  /** @param now - the mesh clock, which each hello tells */
  constructor (
    private readonly seal: HelloSeal, private readonly destinations: readonly string[], hostName = hostname(),
    private readonly now = meshNow
  ) {
    this.sender = { processId: randomUUID(), hostName, processCommand: PROCESS_COMMAND }
  }

  /** Whether a packet with this id is one of this node itself. */
  has (iid: string): boolean {
    return this.components.has(iid)
  }

  /** Remembers a component, or its change, and announces it. */
  async advertise (iid: string, advertisement: Advertisement): Promise<void> {
    this.components.set(iid, advertisement)
    await this.say(iid, advertisement)
  }

  /** Announces all components. */
  async sayAll (): Promise<void> {
    await Promise.all([...this.components].map(async ([iid, advertisement]) => await this.say(iid, advertisement)))
  }

  /** Sends the hello of one component; once more and shorter where the network takes no packet of that length. */
  async say (iid: string, advertisement: Advertisement): Promise<void> {
    for (let limit = Infinity; this.socket !== undefined && limit > this.maxBytes;) {
      limit = this.maxBytes
      const packet = this.write(iid, advertisement)
      if (packet.length > limit) return this.warn('too long', tooLong(packet.length, limit))
      if (await this.send(packet)) return
      if (packet.length <= MIN_PACKET_BYTES) return this.warn('too long', tooLong(packet.length, packet.length - 1))
      this.maxBytes = Math.min(this.maxBytes, Math.max(MIN_PACKET_BYTES, Math.floor(packet.length / 2)))
    }
  }

  /** Withdraws all components. Resolves when the packets have left, as closing the socket would discard them. */
  async goodbye (): Promise<void> {
    const packets = [...this.components.keys()].map(iid => this.seal.seal(writeGoodbye(iid, this.sender)))
    this.components.clear()
    await Promise.all(packets.map(async packet => await this.send(packet)))
  }

  /** Returns whether the packet was short enough for the network. */
  private async send (packet: Buffer): Promise<boolean> {
    const { socket } = this
    const sent = await Promise.all(this.destinations.map(async destination => await socket?.send(packet, destination)))
    return !sent.includes('too long')
  }

  /** Only nodes of feathers-distributed need the names of methods, and those can't read what is sealed. */
  private write (iid: string, { requests, ...advertisement }: Advertisement): Buffer {
    const sealed = (fields: Advertisement): Buffer => {
      return this.seal.seal(writeHello(iid, this.sender, fields, Math.floor(this.now())))
    }
    if (requests === undefined || this.seal.isClosed) return sealed(advertisement)
    const whole = sealed({ ...advertisement, requests })
    if (whole.length <= this.maxBytes) return whole
    const fitting = namesThatFit(requests, this.maxBytes - sealed({ ...advertisement, requests: [] }).length)
    this.warn('shortened', shortened(requests.length, fitting.length))
    return sealed({ ...advertisement, requests: fitting })
  }

  private warn (kind: 'shortened' | 'too long', text: string): void {
    if (this.warnings.has(kind)) return
    this.warnings.add(kind)
    warn('hellos', `feathers-mesh: ${text}`)
  }
}

/** The names that fit into so many bytes of JSON: first those that each node has, then the others in their order. */
function namesThatFit (names: readonly string[], maxBytes: number): string[] {
  const first = new Set<string>([HEALTHCHECK, ...STANDARD_METHODS])
  const sorted = [...names].sort((one, other) => Number(first.has(other)) - Number(first.has(one)))
  let bytes = 0
  return sorted.filter(name => {
    const length = Buffer.byteLength(JSON.stringify(name)) + 1
    if (bytes + length > maxBytes) return false
    bytes += length
    return true
  })
}

function shortened (all: number, fitting: number): string {
  return `this node offers methods of ${all} names, and its hello has room for ${fitting}: nodes of feathers-distributed ` +
    "can't call the others, while nodes of feathers-mesh can. If there are any of the former, offer fewer names " +
    '(options services and distributedMethods), or share the services out to several nodes'
}

function tooLong (bytes: number, maxBytes: number): string {
  return `a hello of this node has ${bytes} bytes, and the network takes ${maxBytes}: no node finds it. ` +
    'Shorten its key, environment or host name (options key, environment and cote.hostName), or its certificate'
}
