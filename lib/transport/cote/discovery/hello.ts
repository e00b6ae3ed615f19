import { readTime } from '../../../clock'
import { isListHash } from '../../../contract/contract-hash'
import { MAX_NAME_LENGTH } from '../../../contract/contract-bounds'
import { fieldsOf, isRecord, textField } from '../../../record'
import { wrongKeyDetail } from '../../rejections'
import { MAX_TOLD_LENGTH } from '../../session/contracts/told-list'
import { MESH_VERSION } from '../../session/control'
import { isLoopback } from '../../ip-address'
import { isPort, readPlace } from '../addresses'

/**
 * The packets of discovery, in the format of @dashersw/node-discover: JSON with the process and instance ids of the
 * sender. A hello also holds the advertisement of one cote component.
 */

/** The component that receives the services of other nodes, by the name that feathers-distributed gives it. */
export const SERVICES_SUBSCRIBER = 'feathers services subscriber'
/** The component that publishes the services of a node. */
export const SERVICES_PUBLISHER = 'feathers services publisher'
/** The component that publishes the events of a node's services. */
export const EVENTS_PUBLISHER = 'feathers services events publisher'
/** The component that answers requests. */
export const RESPONDER = 'feathers services responder'

/** The key and namespace of the components that exchange services. */
export const SERVICES_KEY = 'services'
/** The event that publishes a service. */
export const SERVICE = 'service'
/** The event that withdraws a service. */
export const SERVICE_REMOVED = 'service-removed'

/** What a component tells about itself, by cote's names. */
export interface Advertisement {
  readonly type?: string
  readonly name: string
  /** The environment, `$$`, and cote's key. */
  readonly key: string
  readonly namespace?: string
  readonly axon_type: string
  /** The port that it listens on, if it does. */
  readonly port?: number
  /** The requests that a responder answers. */
  readonly requests?: readonly string[]
  /** feathers-distributed's names for the id and the key of the node. */
  readonly appUuid?: string
  readonly appDistributionKey?: string
  /** Only nodes of feathers-mesh have it. */
  readonly mesh?: MeshAdvertisement
}

/** What feathers-mesh adds to an advertisement. */
export interface MeshAdvertisement {
  /** The version of our extensions of the protocol. */
  readonly version: number
  /** Counts the changes of the node's contracts. */
  readonly revision: number
  /** The hash of the list of its contracts. */
  readonly hash?: string
  /** The list itself, deflated: as written, where there is room for it. */
  readonly list?: string | undefined
  /** What people call the node. */
  readonly name?: string
  /** The address that it listens on, if that is a loopback address other than the one its hellos come from. */
  readonly address?: string
  /** Whether it only looks at the mesh. */
  readonly observer?: true
  /** As written: whether the hello answers one of the node that reads it. */
  readonly answer?: true
  /** As read: whether the hello tells the mesh clock of its node, which then answers introductions. */
  readonly tellsClock?: true
}

/** A component of another node. */
export interface RemoteComponent {
  readonly iid: string
  readonly advertisement: Advertisement
  /** The address that its node is reached at. */
  readonly address: string
  /** The sender of its hello: a node has a new one each time that it joins. */
  readonly pid?: string
  /** The list of its contracts, deflated, if its hello carried it. */
  readonly list?: string | undefined
}

/** Whether a hello was sent before another one of the same sender, and came after it. */
export function isOvertaken (hello: RemoteComponent, latest: RemoteComponent): boolean {
  const revisions = [hello, latest].map(({ advertisement: { mesh } }) => mesh?.revision ?? 0)
  return hello.pid !== undefined && hello.pid === latest.pid && Math.max(...revisions) > (revisions[0] ?? 0)
}

/** A packet that was understood. */
export interface Packet {
  readonly event: string
  /** The instance: each component that announces itself has its own. */
  readonly iid: string
  /** The sender: a node has a new one each time that it joins. */
  readonly pid?: string
  readonly hostName?: string
  readonly advertisement?: Advertisement
  /** The address that the node claims, where that is proven. */
  readonly address?: string
  /** The address or name that the node tells others to reach it at. It is no more than a claim. */
  readonly advertised?: string
  /** The port there, if it is not the one that the node listens on. */
  readonly advertisedPort?: number
  /** The keys that the sender has proven, with certificates. */
  readonly provenKeys?: readonly string[]
  /** The UDP port at which the node alone reads answers to this hello. It is no part of the advertisement either. */
  readonly answerPort?: number
  /**
   * Whether it answers a hello of this node. Its sender says so, sealed where hellos are: somebody might send the copy
   * of any hello to the port for answers.
   */
  readonly isAnswer?: boolean
  /** The list of the node's contracts, deflated. It is no part of the advertisement, which has its hash. */
  readonly list?: string
  /** What the mesh clock of the node showed. It is no part of the advertisement: that would change with each hello. */
  readonly now?: number
  /**
   * By how many milliseconds its stamp is off the clock that was expected, if that is too much. Such a packet proves
   * who wrote it and not when: it says where to ask, and nothing more.
   */
  readonly offClock?: number
}

/** Whether a component belongs to an environment, given as cote writes it: empty, or the name and a colon. */
export function isOfEnvironment (
  advertisement: Advertisement | undefined, environment: string
): advertisement is Advertisement {
  return advertisement?.key.startsWith(`${environment}$$`) === true
}

/** The environment that a component belongs to, as cote writes it. */
export function environmentOf ({ key }: Advertisement): string {
  return key.split('$$', 1).join('')
}

/** The key that a node claims. */
export function nodeKeyOf ({ appDistributionKey = 'default' }: Advertisement): string {
  return appDistributionKey
}

/** Describes the key that a packet claims without proof: its own, or that of the component known by its id. */
export function wrongKeyOf ({ advertisement, provenKeys }: Packet, known?: Advertisement): string | undefined {
  if (provenKeys === undefined) return undefined
  const claimed = [advertisement, known].filter(claim => claim !== undefined).map(nodeKeyOf)
  const wrong = claimed.find(key => !provenKeys.includes(key))
  return wrong === undefined ? undefined : wrongKeyDetail(provenKeys, wrong)
}

/** Describes the version of the mesh that a node speaks, where this node does not speak it. */
export function otherVersionOf ({ mesh }: Advertisement): string | undefined {
  return mesh === undefined || mesh.version === MESH_VERSION
    ? undefined
    : `it speaks version ${mesh.version}, and this node version ${MESH_VERSION}: run releases that speak the same one`
}

/** Reads a packet; undefined for anything else. */
export function readPacket (bytes: Buffer): Packet | undefined {
  let packet: unknown
  try {
    packet = JSON.parse(bytes.toString('utf8'))
  } catch {
    return undefined
  }
  const fields = fieldsOf(packet)
  const [event, iid, pid, hostName] = ['event', 'iid', 'pid', 'hostName'].map(name => textField(fields, name))
  if (event === undefined || iid === undefined || ![event, iid, pid].every(isNameOrNone)) return undefined
  if (event !== 'hello') return { event, iid, pid }
  const { advertisement } = fieldsOf(fields.data)
  if (!isAdvertisement(advertisement)) return undefined
  const mesh = fieldsOf(advertisement.mesh)
  const now = readTime(mesh.now)
  const advertised = textField(mesh, 'advertise')
  return {
    event,
    iid,
    pid,
    advertisement: knownFields(advertisement),
    ...isHostName(hostName) ? { hostName } : {},
    ...isHostName(advertised) ? placeAdvertised(advertised) : {},
    ...now === undefined ? {} : { now },
    ...toldBeside(mesh)
  }
}

/** Characters of the longest key of cote, which consists of an environment and a key, with a colon and `$$` between. */
const MAX_KEY_LENGTH = 2 * MAX_NAME_LENGTH + 3

const isName = isTextWithin(MAX_NAME_LENGTH)
const isNameOrNone = optional(isName)
/** A node is reached by it where `useHostNames` is set; a name of DNS has at most 253 characters. */
const HOST_NAME = /^[^\s\p{C}]{1,253}$/u

function isHostName (text: string | undefined): text is string {
  return text !== undefined && HOST_NAME.test(text)
}

/** Systems give nobody a port below this one who does not ask for it, and what listens there is no node. */
const MIN_ANSWER_PORT = 1_024

/** What a node of feathers-mesh tells beside its advertisement. */
function toldBeside (mesh: Readonly<Record<string, unknown>>): Pick<Packet, 'list' | 'answerPort' | 'isAnswer'> {
  const { answerPort } = mesh
  const list = textField(mesh, 'list')
  return {
    ...isPort(answerPort) && answerPort >= MIN_ANSWER_PORT ? { answerPort } : {},
    ...mesh.answer === true ? { isAnswer: true } : {},
    ...list === undefined || list.length > MAX_TOLD_LENGTH ? {} : { list }
  }
}

function placeAdvertised (text: string): Pick<Packet, 'advertised' | 'advertisedPort'> {
  const { host = text, port } = readPlace(text) ?? {}
  return port === undefined ? { advertised: host } : { advertised: host, advertisedPort: port }
}

/** The check of each field of an advertisement. */
const FIELDS: Readonly<Record<keyof Advertisement, (value: unknown) => boolean>> = {
  type: optional(isName),
  name: optional(isName),
  key: isTextWithin(MAX_KEY_LENGTH),
  namespace: optional(isName),
  axon_type: isName,
  port: optional(isPort),
  requests: optional(isNames),
  appUuid: optional(isName),
  appDistributionKey: optional(isName),
  mesh: optional(isMeshAdvertisement)
}

const CHECKS = Object.entries(FIELDS)

function isAdvertisement (value: unknown): value is Advertisement {
  return isRecord(value) && CHECKS.every(([field, isValid]) => isValid(value[field]))
}

/**
 * Keeps only fields that were checked: anybody may send any others. Nodes of feathers-mesh are asked for their
 * contracts, so the names of their methods are not kept.
 */
function knownFields ({ mesh, requests, ...advertisement }: Advertisement): Advertisement {
  const known: Advertisement = mesh !== undefined
    ? { ...advertisement, mesh: knownMesh(mesh) }
    : { ...advertisement, ...requests === undefined ? {} : { requests } }
  for (const field of Object.keys(known)) if (!Object.hasOwn(FIELDS, field)) Reflect.deleteProperty(known, field)
  return known
}

function knownMesh (mesh: MeshAdvertisement): MeshAdvertisement {
  const { version, revision, hash, address } = mesh
  const name = textField(fieldsOf(mesh), 'name')
  return {
    version,
    revision,
    ...isListHash(hash) ? { hash } : {},
    ...name !== undefined && isName(name) ? { name } : {},
    // A hello must not direct connections to another machine.
    ...typeof address === 'string' && isLoopback(address) ? { address } : {},
    ...fieldsOf(mesh).observer === true ? { observer: true } : {},
    ...readTime(fieldsOf(mesh).now) === undefined ? {} : { tellsClock: true }
  }
}

function optional (isValid: (value: unknown) => boolean) {
  return (value: unknown): boolean => value === undefined || isValid(value)
}

function isTextWithin (maxLength: number): (value: unknown) => boolean {
  return value => typeof value === 'string' && value.length <= maxLength
}

function isNames (value: unknown): boolean {
  return Array.isArray(value) && value.every(isName)
}

function isMeshAdvertisement (value: unknown): boolean {
  return isRecord(value) && Number.isInteger(value.version) && Number.isInteger(value.revision)
}
