import { wrongKeyDetail } from '../../rejections'
import { isLoopback } from '../addresses'

/**
 * The packets of discovery, as @dashersw/node-discover sends them: JSON with the sender's process and instance ids,
 * and in a hello the advertisement of one cote component.
 */

/** What a component says of itself, with cote's names. */
export interface Advertisement {
  readonly type?: string
  readonly name: string
  /** The environment, `$$`, and cote's key. */
  readonly key: string
  readonly namespace?: string
  readonly axon_type: string
  /** Where it listens, if it does. */
  readonly port?: number
  /** What a responder answers. */
  readonly requests?: readonly string[]
  /** feathers-distributed's names for the id and the key of the node. */
  readonly appUuid?: string
  readonly appDistributionKey?: string
  /** What only our own nodes have. */
  readonly mesh?: MeshAdvertisement
}

export interface MeshAdvertisement {
  /** The version of what we add to the wire. */
  readonly version: number
  /** Counts the changes of the node's contracts. */
  readonly revision: number
  /** Where it listens, if that is an address of this machine that its hellos don't come from. */
  readonly address?: string
}

/** A packet that was understood. */
export interface Packet {
  readonly event: string
  /** The instance: one for each component that announces itself. */
  readonly iid: string
  /** The sender: another one each time that a node joins. */
  readonly pid?: string
  readonly hostName?: string
  readonly advertisement?: Advertisement
  /** Where its node is reached, if it was proven that it says so. */
  readonly address?: string
  /** The keys that its sender has proven, where certificates do that. */
  readonly provenKeys?: readonly string[]
}

/** Whether a component is one of an environment, which is written as cote does: empty, or the name and a colon. */
export function isOfEnvironment (
  advertisement: Advertisement | undefined, environment: string
): advertisement is Advertisement {
  return advertisement?.key.startsWith(`${environment}$$`) === true
}

/** The key that a node says it has. */
export function nodeKeyOf ({ appDistributionKey = 'default' }: Advertisement): string {
  return appDistributionKey
}

/** In words, which key a packet speaks for without having proven it: its own, or that of the one known by its id. */
export function wrongKeyOf ({ advertisement, provenKeys }: Packet, known?: Advertisement): string | undefined {
  if (provenKeys === undefined) return undefined
  const claimed = [advertisement, known].filter(claim => claim !== undefined).map(nodeKeyOf)
  const wrong = claimed.find(key => !provenKeys.includes(key))
  return wrong === undefined ? undefined : wrongKeyDetail(provenKeys, wrong)
}

const text = (value: unknown): value is string => typeof value === 'string'
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/** Reads a packet; undefined for everything that is none. */
export function readPacket (bytes: Buffer): Packet | undefined {
  let packet: unknown
  try {
    packet = JSON.parse(bytes.toString('utf8'))
  } catch {
    return undefined
  }
  if (!isObject(packet) || !text(packet.event) || !text(packet.iid)) return undefined
  const { event, iid } = packet
  const pid = text(packet.pid) ? packet.pid : undefined
  if (event !== 'hello') return { event, iid, pid }
  const advertisement = isObject(packet.data) ? packet.data.advertisement : undefined
  if (!isAdvertisement(advertisement)) return undefined
  const hostName = text(packet.hostName) ? { hostName: packet.hostName } : {}
  return { event, iid, pid, advertisement: knownFields(advertisement), ...hostName }
}

/** What each field of an advertisement has to be; those that it may lack come with {@link optional}. */
const FIELDS: Readonly<Record<keyof Advertisement, (value: unknown) => boolean>> = {
  type: optional(text),
  name: optional(text),
  key: text,
  namespace: optional(text),
  axon_type: text,
  port: optional(isPort),
  requests: optional(isTexts),
  appUuid: optional(text),
  appDistributionKey: optional(text),
  mesh: optional(isMeshAdvertisement)
}

function isAdvertisement (value: unknown): value is Advertisement {
  return isObject(value) && Object.entries(FIELDS).every(([field, isValid]) => isValid(value[field]))
}

/** Nothing else is kept of what anybody may send: whatever it is, it is never looked at. */
function knownFields (advertisement: Advertisement): Advertisement {
  const entries = Object.entries(advertisement).filter(([field]) => Object.hasOwn(FIELDS, field))
  const known = Object.fromEntries(entries)
  const { mesh } = advertisement
  if (mesh !== undefined) known.mesh = knownMesh(mesh)
  // Only fields that it may lack were taken from it.
  return known as unknown as Advertisement
}

function knownMesh ({ version, revision, address }: MeshAdvertisement): MeshAdvertisement {
  // Nobody is sent to other machines by what a hello says.
  return typeof address === 'string' && isLoopback(address) ? { version, revision, address } : { version, revision }
}

function optional (isValid: (value: unknown) => boolean) {
  return (value: unknown): boolean => value === undefined || isValid(value)
}

function isTexts (value: unknown): boolean {
  return Array.isArray(value) && value.every(text)
}

function isPort (value: unknown): boolean {
  return Number.isInteger(value) && (value as number) > 0 && (value as number) < 65536
}

function isMeshAdvertisement (value: unknown): boolean {
  return isObject(value) && Number.isInteger(value.version) && Number.isInteger(value.revision)
}

/** Who sends: cote's log of a peer prints these. */
export interface Sender {
  readonly processId: string
  readonly hostName: string
  readonly processCommand: string
}

/** Writes the hello of one component. */
export function writeHello (iid: string, sender: Sender, advertisement: Advertisement): Buffer {
  return writePacket('hello', iid, sender, {
    // Fields that a stock peer expects. We never take part in the election of a master: cote has no use for one.
    isMaster: false,
    isMasterEligible: false,
    weight: 0,
    address: '127.0.0.1',
    advertisement: { type: 'service', ...advertisement },
    id: iid,
    processId: sender.processId,
    processCommand: sender.processCommand
  })
}

/** Writes the last packet of a component. A stock peer doesn't know the event and ignores it. */
export function writeGoodbye (iid: string, sender: Sender): Buffer {
  return writePacket('goodbye', iid, sender, {})
}

function writePacket (event: string, iid: string, sender: Sender, data: object): Buffer {
  return Buffer.from(JSON.stringify({ event, pid: sender.processId, iid, hostName: sender.hostName, data }))
}
