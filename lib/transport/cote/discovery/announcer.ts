import { hostname } from 'node:os'
import { HEALTHCHECK, STANDARD_METHODS } from '../../../contract/contract'
import type { NodeLog } from '../../../log'
import { readPlace } from '../addresses'
import type { HelloSeal } from './hello-seal'
import { RESPONDER, type Advertisement } from './hello'
import type { Medium } from './way'
import { writeGoodbye, writeHello, type Sender } from './write-hello'

/** Any network carries packets of this many bytes. */
const MIN_PACKET_BYTES = 1_200

/** Bytes of a packet that an Ethernet frame carries, also in a tunnel: some networks drop packets in several frames. */
const FRAME_BYTES = 1_400

/** What stands in a hello beside its list. */
const LIST_FIELD = ',"list":""'

/** What this node tells of where it is. */
export interface OwnNames {
  /** The host name that this node announces. @default its address, where others can't see it, or the machine's name */
  readonly hostName?: string | undefined
  /** The address or name, and perhaps a port, at which others reach it. */
  readonly advertise?: string | undefined
}

/** What an {@link Announcer} needs of its node. */
export interface AnnouncerOptions extends OwnNames {
  readonly seal: HelloSeal
  readonly log: NodeLog
  /** A hello could not be said, each time. */
  readonly onUnsaid?: ((reason: string) => void) | undefined
  readonly sender: Pick<Sender, 'processId' | 'processCommand'>
  /** The mesh clock, which each hello tells. */
  readonly now: () => number
  /** Whether hellos may carry the list of what the node offers. */
  readonly tellsLists?: boolean | undefined
}

/** Sends the hellos of this node by one way. Writes them so that each fits into a packet. */
export class Announcer {
  private maxBytes: number
  private readonly warnings = new Set<'shortened' | 'too long'>()

  constructor (private readonly medium: Medium, private readonly options: AnnouncerOptions) {
    this.maxBytes = medium.maxBytes
  }

  /** Whether it speaks to nodes of feathers-mesh alone, by connections. */
  get isConnected (): boolean {
    return this.medium.isConnected === true
  }

  /** The hello of one component, where the other side of the medium needs that. */
  hello (iid: string, advertisement: Advertisement): Buffer | undefined {
    if (!this.isNeeded(advertisement)) return undefined
    const packet = this.write(iid, advertisement)
    if (packet.length <= this.maxBytes) return packet
    this.unsaid(packet.length, this.maxBytes)
    return undefined
  }

  /** Sends the hello of one component; once more and shorter where the network takes no packet of that length. */
  async say (iid: string, advertisement: Advertisement): Promise<void> {
    if (!this.isNeeded(advertisement)) return
    for (let limit = Infinity; limit > this.maxBytes;) {
      limit = this.maxBytes
      const packet = this.write(iid, advertisement)
      if (packet.length > limit) return this.unsaid(packet.length, limit)
      if (await this.medium.send(packet) !== 'too long') return
      if (packet.length <= MIN_PACKET_BYTES) return this.unsaid(packet.length, packet.length - 1)
      this.maxBytes = Math.min(this.maxBytes, Math.max(MIN_PACKET_BYTES, Math.floor(packet.length / 2)))
    }
  }

  /** Withdraws components. Resolves when the packets have left, as closing the medium would discard them. */
  async goodbye (iids: readonly string[]): Promise<void> {
    const { options: { seal }, sender } = this
    await Promise.all(iids.map(async iid => await this.medium.send(seal.seal(writeGoodbye(iid, sender)))))
  }

  /** Through a broker, nodes can only be told where this one is: those of cote by its host name. */
  private get sender (): Sender {
    const { hostName, advertise, seal: { isClosed: isSealed } } = this.options
    const { ownAddress, answers } = this.medium
    const sender = { ...this.options.sender, isSealed, answerPort: answers?.port }
    const name = hostName ?? (advertise === undefined ? undefined : readPlace(advertise)?.host)
    if (ownAddress === undefined) return { ...sender, hostName: name ?? hostname(), advertise }
    return { ...sender, hostName: name ?? ownAddress, advertise: advertise ?? hostName ?? ownAddress }
  }

  /** A node of feathers-mesh is its responder; the other components are there for nodes of feathers-distributed. */
  private isNeeded ({ name, mesh }: Advertisement): boolean {
    return !this.isConnected || name === RESPONDER && mesh !== undefined
  }

  /** With the list of what the node offers where one frame carries that: nobody has to ask for it then. */
  private write (iid: string, advertisement: Advertisement): Buffer {
    const { mesh, mesh: { list } = {} } = advertisement
    if (mesh === undefined || list === undefined) return this.writeNames(iid, advertisement)
    const without = this.writeNames(iid, { ...advertisement, mesh: { ...mesh, list: undefined } })
    const most = Math.min(FRAME_BYTES, this.maxBytes)
    // Names of methods give no way to it.
    if (!this.options.tellsLists || without.length + list.length + LIST_FIELD.length > most) return without
    const whole = this.writeNames(iid, advertisement)
    return whole.length <= most ? whole : without
  }

  /** Only nodes of feathers-distributed need the names of methods, and those can't read what is sealed. */
  private writeNames (iid: string, { requests, ...advertisement }: Advertisement): Buffer {
    const { options: { seal, now }, sender } = this
    const sealed = (fields: Advertisement): Buffer => {
      return seal.seal(writeHello(iid, sender, fields, Math.floor(now())))
    }
    if (requests === undefined || seal.isClosed || this.isConnected) return sealed(advertisement)
    const whole = sealed({ ...advertisement, requests })
    if (whole.length <= this.maxBytes) return whole
    const fitting = namesThatFit(requests, this.maxBytes - sealed({ ...advertisement, requests: [] }).length)
    this.warn('shortened', shortened(requests.length, fitting.length))
    return sealed({ ...advertisement, requests: fitting })
  }

  private unsaid (bytes: number, maxBytes: number): void {
    const text = tooLong(bytes, maxBytes)
    this.warn('too long', text)
    this.options.onUnsaid?.(text)
  }

  private warn (kind: 'shortened' | 'too long', text: string): void {
    if (this.warnings.has(kind)) return
    this.warnings.add(kind)
    this.options.log.tell('FEATHERS_MESH_HELLO', `feathers-mesh: ${text}`)
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
  return `a hello of this node has ${bytes} bytes, and the network takes ${maxBytes}: no node hears it; ` +
    'shorten its key, environment or host name (options key, environment and cote.hostName), or its certificate'
}
