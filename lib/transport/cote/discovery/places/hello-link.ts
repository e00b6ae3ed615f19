import { MalformedMessage } from '../../../transport'
import { fieldsOf, listField } from '../../../../record'
import type { NodePlace } from '../way'

/** Hellos in one message, and characters of one of them: signed ones hold a certificate. */
const MAX_HELLOS = 8
const MAX_HELLO_LENGTH = 32_768
/** Bytes of the longest hello that this node sends. */
export const MAX_PACKET_BYTES = 32_768

/** What becomes of a place that is dialled. */
export interface LinkEvents {
  /**
   * A node answers there.
   *
   * @param id - what it says it is
   * @param address - where it is
   * @returns the hellos of this node for it; none where the connection is of no use, and ends
   */
  readonly onNode: (id: string, address: string) => readonly Buffer[]
  /** The node says hello, or goodbye. @param address - where it is */
  readonly onHellos: (hellos: readonly string[], address: string) => void
  /**
   * Called once.
   *
   * @param failure - why nobody said there that it is a node, the end of a sentence; undefined where one did
   */
  readonly onClose: (failure?: string) => void
}

/** A connection that this node makes to a place where a node may listen, and by which both say hello. */
export interface HelloLink {
  /** When anything came from the node; by `performance.now()`. */
  readonly heardAt: number
  readonly whenClosed: Promise<void>
  /** Sends a hello, or a goodbye. */
  say (hello: string): void
  /** Closes after what was sent has left. */
  close (): void
  /** Closes now. */
  destroy (): void
}

/** Dials a place. Who is there has so many milliseconds to say which node it is. */
export type DialPlace = (place: NodePlace, answerTimeout: number, events: LinkEvents) => HelloLink

/**
 * Reads hellos out of a message.
 *
 * @throws {@link MalformedMessage} for anything else, and for too many of them
 */
export function readHellos (message: unknown): readonly string[] {
  const hellos = listField(fieldsOf(message), 'hellos')
  if (hellos === undefined || hellos.length > MAX_HELLOS) throw new MalformedMessage('hellos that are none')
  return hellos.map(hello => {
    if (typeof hello === 'string' && hello.length <= MAX_HELLO_LENGTH) return hello
    throw new MalformedMessage('a hello that is none')
  })
}

/** A message that holds hellos. */
export function hellosMessage (hellos: readonly Buffer[]): { readonly hellos: readonly string[] } {
  return { hellos: hellos.map(hello => hello.toString('utf8')) }
}
