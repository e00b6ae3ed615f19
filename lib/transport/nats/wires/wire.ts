import type { TransportHost } from '../../transport'
import type { NatsPeer } from '../nats-peer'
import type { OnMessage } from '../message-text'
import type { Peers } from '../peers'
import type { Subjects } from '../subjects'

/** What a {@link Wire} needs of its node. */
export interface WireOptions {
  readonly host: TransportHost
  readonly subjects: Subjects
  readonly peers: Peers
  /** Sends bytes; `reply` is where the server says that nobody listens. */
  readonly send: (subject: string, bytes: Buffer, reply?: string) => void
  /** Passes on the messages of a text from a place on: the first ones now, and the rest before anything else. */
  readonly read: (text: string, at: number, onMessage: OnMessage) => void
  readonly isLeaving: () => boolean
  /** Paths and events have other names in subjects, besides those of before. */
  readonly onNames: () => void
  /** Nobody uses those of before any more. */
  readonly onOldNames: () => void
}

/** What nodes say to each other as bytes: in the open, or sealed by a secret that they share. */
export interface Wire {
  /**
   * Whether the server is believed when it says that nobody got a request. Who believes a server that lies calls again
   * what has run.
   */
  readonly believesServer: boolean
  /** A connection is there. */
  begin (): void
  /** It is lost, or this node has left. */
  end (): void
  /** Says hello to all nodes. @param asks - whether they are to answer */
  greet (asks: boolean): void
  /** Sends messages of a session. @param reply - where the server says that nobody listens */
  send (peer: NatsPeer, messages: string, reply: string): void
  /** Publishes events. @param except - the nodes that pass them over */
  publish (subject: string, except: string, texts: string): void
  /** Takes what came on a subject of hellos. @throws {@link MalformedMessage} for anything else */
  onHello (subject: string, bytes: Buffer): void
  /** Takes what came for this node alone. @throws {@link MalformedMessage} for anything else */
  onInbox (subject: string, bytes: Buffer): void
  /** Takes what came on a subject of events. @throws {@link MalformedMessage} for anything else */
  onEvents (subject: string, bytes: Buffer): void
  /** A peer is lost. */
  forget (peer: NatsPeer): void
}

/** The first byte of what a secret seals, but for events. */
export const SEALED = { introduction: 0x49, session: 0x53 } as const
