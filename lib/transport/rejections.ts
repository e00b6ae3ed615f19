import { debugLog } from '../debug-log'
import { LineLimit } from '../line-limit'
import type { NodeLog } from '../log'
import { printable } from '../printable'

/** `DEBUG=feathers-mesh:refusals` shows every rejection, including those that are only counted otherwise. */
const debug = debugLog('refusals')

/** The reasons of rejections, and how the log names them. Reasons without a text are only counted. */
const REASONS = {
  // Inbound connections.
  wrongSecret: 'a connection with a secret that this node does not accept',
  noTls: 'a connection that speaks no TLS',
  handshakeFailed: 'a connection without a proof that this node accepts',
  handshakeTimeout: 'a connection that did not prove itself in time',
  tooManyConnections: 'a connection beyond the limit of one address',
  silentConnection: 'a connection that said nothing for too long',
  wrongCertificate: 'a connection with a certificate that this node does not accept',
  wrongKey: 'a node that claims a key which its certificate does not name',
  malformedFrame: undefined,
  overlongMessage: "a message that is longer than this node's maxMessageSize",
  costlyValue: 'a message that takes more work to read than its length allows',
  unfinishedMessage: 'to wait for the rest of a message, as too many are unfinished',
  throttledControl: undefined,
  unreadReplies: 'to buffer more replies for a connection that does not read them',
  // Outbound connections.
  unprovenPeer: 'to connect to a node that can\'t prove that it belongs to the mesh',
  // Packets of discovery.
  otherVersion: 'a hello of another version of the mesh',
  overlongHello: 'a hello that is longer than this node reads',
  plainHello: 'a hello without proof',
  foreignHello: 'a hello with a secret or a certificate that this node does not accept',
  forgedHello: 'a hello that was altered, or made without the secret or the private key that it names',
  replayedHello: 'a hello that was replayed',
  lateHello: 'a hello of another time',
  sealedHello: 'a hello of a mesh that has a secret or certificates, while this node has none',
  distantHello: 'a packet from beyond this machine, to which this node is limited',
  shutInHello: 'a hello of a node that other machines can\'t reach, as it tells an address of loopback',
  throttledHellos: undefined,
  distantPlace: 'to dial an address beyond this machine, to which this node is limited',
  tooManyPlaces: 'a place of a node beyond the number that this node asks',
  claimedId: 'a hello with the id of a node that is connected',
  malformedPacket: undefined,
  crowdedOut: 'a node that did not answer, or one too many that waits to be asked',
  containedFault: 'what would have thrown out of the code that reads what other nodes send',
  tooManyComponents: 'a component beyond the number that a node knows',
  tooManyServices: 'a service beyond the number that a node of feathers-distributed may have',
  // Contracts of other nodes.
  overlongContracts: 'contracts, or parts of them, beyond the bounds of this node',
  malformedContracts: 'contracts, or parts of them, that are no plain JSON, or deeper or longer than allowed',
  wrongContracts: 'contracts that are not those of the hash that was asked for, or told in a hello',
  forgottenContracts: undefined,
  // Requests and events.
  misdirected: 'a request that was meant for another node',
  forbidden: 'a call that its caller is not allowed',
  forbiddenEvents: 'to tell a node events that it is not allowed',
  notOffered: undefined,
  tooManyCalls: undefined,
  tooManyCallsOfConnection: undefined,
  tooManyBytes: undefined,
  tooManyBytesOfConnection: undefined,
  droppedEvents: undefined,
  throttledEvents: undefined,
  unstoredEvents: undefined,
  unreadableEvents: 'a kept event that it can\'t read',
  // Calls of this node while too many bytes wait for the peer.
  unsentCalls: undefined,
  // Replies to calls that have timed out or were cancelled.
  lateReply: undefined
} as const

/** Why something was rejected. */
export type RejectionReason = keyof typeof REASONS

/**
 * Why a node can't be seen: the name of a rejection; `otherEnvironment`: it belongs to another mesh; `notReached`: it
 * was heard, and can't be connected to; `nobody`: nobody is found at a place where a node should be; `unsaidHello`: a
 * hello of this node itself is longer than what carries it, so that others don't see it.
 */
export type UnseenCode = RejectionReason | 'otherEnvironment' | 'notReached' | 'nobody' | 'unsaidHello'

/** How often a node has rejected something, by reason. */
export type Counters = Readonly<Record<RejectionReason, number>>

/** Counts a rejection. `detail` says more than the reason does, and never holds a secret. */
export type OnRejected = (reason: RejectionReason, address: string, detail?: string) => void

/** How the log names a reason; undefined for one that is only counted. */
export function describeRejection (reason: RejectionReason): string | undefined {
  return REASONS[reason]
}

/** Describes the keys that a node has proven, and the one that it claims. */
export function wrongKeyDetail (provenKeys: readonly string[], claimed: string): string {
  return `its certificate is that of ${provenKeys.join(', ')}, and it says it is ${JSON.stringify(claimed)}`
}

/** Characters of a line; its beginning and what was held back come on top. */
const MAX_TEXT = 320

/** Writes a line of the log about a rejection. */
export type WriteRejection = (line: string, reason: RejectionReason, address: string) => void

/** Counts what a node rejects, and logs one line a minute for each reason and address. */
export class Rejections {
  // fromEntries forgets the names of the fields.
  private readonly counts = Object.fromEntries(Object.keys(REASONS).map(reason => [reason, 0])) as
    Record<RejectionReason, number>
  private readonly limit = new LineLimit()

  constructor (private readonly write: WriteRejection) {}

  /** A copy of all counters. */
  get counters (): Counters {
    return { ...this.counts }
  }

  /** Counts a rejection, and logs it unless its line was written within the last minute. */
  readonly count: OnRejected = (reason, address, detail) => {
    this.counts[reason]++
    const text = REASONS[reason]
    if (text === undefined && !debug.enabled) return
    const what = text === undefined ? `counted ${reason}` : `refused ${text}`
    const line = this.lineOf(`${reason} ${address}`, `${what}: ${address}`, detail)
    if (line === undefined) return
    debug('%s', line)
    if (text !== undefined) this.write(line, reason, address)
  }

  /** The line to write; undefined if it was written within the last minute, or too many others were. */
  private lineOf (id: string, text: string, detail: string | undefined): string | undefined {
    const more = this.limit.admit(id)
    if (more === undefined) return undefined
    return printable(`${text}${detail === undefined ? '' : `; ${detail}`}`, MAX_TEXT) + more
  }
}

/** Writes rejections to the log of a node. */
export function toLog (log: NodeLog): WriteRejection {
  return (line, reason, address) => log.tell('FEATHERS_MESH_REFUSED', `feathers-mesh ${line}`, { reason, address })
}
