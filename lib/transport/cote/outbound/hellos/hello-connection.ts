import { fieldsOf } from '../../../../record'
import { CALLER, HELLOS, nameField, type Introduction } from '../../../session/control'
import { MalformedMessage } from '../../../transport'
import { hellosMessage, readHellos, type HelloLink, type LinkEvents } from '../../discovery/places/hello-link'
import type { NodePlace } from '../../discovery/way'
import type { Security } from '../../security/security'
import { HELLOS_ID, GOODBYE_ID, idArgument, json, NO_REPLY_ID, string } from '../../wire/arguments'
import { readArgument, readId } from '../../wire/frame-argument'
import type { Frame } from '../../wire/frame-parser'
import type { PeersOptions } from '../cote-peer'
import { DialledConnection } from '../dialled-connection'

/** Bytes of the longest message that is taken; and messages a second. */
const MAX_MESSAGE_BYTES = 2 ** 18
const MAX_MESSAGE_RATE = 200

/** Why there was no hello. */
const NO_NODE = 'what listens there does not say which node it is: another program, or a version without this way'
const BROKEN = 'it broke before it was there'

const INTRODUCTION_ID = 1
const HELLOS_REQUEST_ID = 2
const REQUEST_IDS = [INTRODUCTION_ID, HELLOS_REQUEST_ID]

/** What a {@link HelloConnection} needs of its node. */
export interface HelloConnectionOptions extends Pick<
  PeersOptions, 'unfinished' | 'connectTimeout' | 'onRejected' | 'onShortage'
> {
  readonly security: Pick<Security, 'dial'>
  readonly introduction: Introduction
  /** Milliseconds in which the node has to say who it is, once it is connected. */
  readonly answerTimeout: number
}

/**
 * A connection by which two nodes say hello that have no packets for it. The one that dials first tells its id and asks
 * for the other's, as a place may lead to itself, or to a node that it has reached already. Then both say hello, and go
 * on with that for as long as the connection lasts.
 */
export class HelloConnection implements HelloLink {
  heardAt = performance.now()
  private readonly dialled: DialledConnection
  private readonly timeout: NodeJS.Timeout
  /** Whether the other side said which node it is. */
  private isIntroduced = false
  /** The requests that were not answered yet. */
  private readonly awaited = new Set<number>()

  constructor (place: NodePlace, options: HelloConnectionOptions, private readonly events: LinkEvents) {
    const { security, introduction, unfinished, connectTimeout, answerTimeout, onRejected, onShortage } = options
    const { host, port } = place
    this.dialled = new DialledConnection({
      address: host,
      dial: onReady => security.dial({ host, port }, onReady),
      maxMessageSize: MAX_MESSAGE_BYTES,
      maxEventRate: MAX_MESSAGE_RATE,
      unfinished, connectTimeout, onRejected, onShortage,
      onOpen: () => this.ask(INTRODUCTION_ID, CALLER, introduction),
      onFrame: frame => this.onFrame(frame),
      onClose: opened => {
        clearTimeout(this.timeout)
        events.onClose(this.failureOf(opened))
      }
    })
    this.timeout = setTimeout(() => this.destroy(), connectTimeout + answerTimeout)
  }

  get whenClosed (): Promise<void> {
    return this.dialled.whenClosed
  }

  say (hello: string): void {
    this.dialled.connection.send(json({ type: HELLOS, data: { hellos: [hello] } }), string(NO_REPLY_ID))
  }

  close (): void {
    this.dialled.close()
  }

  destroy (): void {
    this.dialled.connection.destroy()
  }

  private failureOf (opened: boolean): string | undefined {
    if (this.isIntroduced) return undefined
    return this.dialled.failure ?? (opened ? NO_NODE : BROKEN)
  }

  private ask (id: number, type: string, data: object): void {
    this.awaited.add(id)
    this.dialled.connection.send(json({ type, data }), idArgument(id))
  }

  private onFrame (frame: Frame): void {
    if (frame.count < 2) throw new MalformedMessage('a reply without an id')
    this.heardAt = performance.now()
    this.dialled.countMessage()
    const id = readId(frame, frame.count - 1)
    if (id === HELLOS_ID) this.onHellos(readArgument(frame, 0))
    // The node leaves, and waits until others have closed their connections.
    else if (id === GOODBYE_ID) this.close()
    else if (REQUEST_IDS.includes(Number(id))) this.onAnswer(Number(id), frame)
  }

  /**
   * A node that answers with an error, which is all there is then, is too old for this. No request has two answers: the
   * second one could name another node.
   */
  private onAnswer (id: number, frame: Frame): void {
    if (!this.awaited.delete(id)) throw new MalformedMessage('a second answer')
    if (frame.count < 3) this.close()
    else if (id === INTRODUCTION_ID) this.onIntroduced(readArgument(frame, 1))
    else this.onHellos(readArgument(frame, 1))
  }

  private onIntroduced (answer: unknown): void {
    const node = nameField(fieldsOf(answer), 'id')
    clearTimeout(this.timeout)
    this.isIntroduced = node !== undefined
    const hellos = node === undefined ? [] : this.events.onNode(node, this.dialled.remoteAddress)
    if (hellos.length === 0) return this.close()
    this.ask(HELLOS_REQUEST_ID, HELLOS, hellosMessage(hellos))
  }

  private onHellos (message: unknown): void {
    this.events.onHellos(readHellos(message), this.dialled.remoteAddress)
  }
}
