import { randomBytes } from 'node:crypto'
import { fieldsOf, numberField, textField } from '../../../record'
import { MalformedMessage } from '../../transport'
import { CountedOpener, CountedSeal, SEAL_BYTES } from './counted-seal'

const ID_BYTES = 8
const KEY_BYTES = 32
const ID = /^[\da-f]{16}$/

/** A publisher, and what opens its events. */
interface Publisher<Peer> {
  readonly peer: Peer
  readonly opener: CountedOpener
}

/** Events as they were sealed, and who published them. */
export interface OpenedEvents<Peer> {
  readonly peer: Peer
  readonly text: string
}

/**
 * The keys of events, one for each process that publishes. Nodes get it by the sealed session with the publisher, with
 * the number of events so far: those of before can't be played to them.
 */
export class EventSeals<Peer> {
  private id = randomBytes(ID_BYTES)
  private key = randomBytes(KEY_BYTES)
  private own = new CountedSeal(this.key)
  /** By their ids, which travel in the open: another node may have told the id of one before. */
  private readonly byId = new Map<string, ReadonlyArray<Publisher<Peer>>>()
  private readonly ids = new Map<Peer, string>()

  /** What peers need to open the events that follow. */
  get told (): string {
    return JSON.stringify({ id: this.id.toString('hex'), key: this.key.toString('base64url'), sealed: this.own.sealed })
  }

  /** Another key from now on, which nobody has so far. */
  renew (): void {
    this.id = randomBytes(ID_BYTES)
    this.key = randomBytes(KEY_BYTES)
    this.own = new CountedSeal(this.key)
  }

  /**
   * A peer told its key.
   *
   * @throws {@link MalformedMessage} for anything else
   */
  take (peer: Peer, told: unknown): void {
    const fields = fieldsOf(parse(told))
    const [id, key, sealed] = [textField(fields, 'id'), textField(fields, 'key'), numberField(fields, 'sealed')]
    const bytes = Buffer.from(key ?? '', 'base64url')
    if (id === undefined || !ID.test(id) || bytes.length !== KEY_BYTES || sealed === undefined) {
      throw new MalformedMessage('a key of events without its fields')
    }
    if (this.ids.get(peer) === id) return
    this.forget(peer)
    this.ids.set(peer, id)
    this.byId.set(id, [...this.byId.get(id) ?? [], { peer, opener: new CountedOpener(bytes, sealed) }])
  }

  /** A peer is lost. */
  forget (peer: Peer): void {
    const id = this.ids.get(peer)
    if (id === undefined) return
    this.ids.delete(peer)
    const others = this.byId.get(id)?.filter(publisher => publisher.peer !== peer) ?? []
    if (others.length > 0) this.byId.set(id, others)
    else this.byId.delete(id)
  }

  /** Seals events. @param beside - what travels beside them in the open, and can't be altered either */
  seal (text: string, beside: string): Buffer {
    return Buffer.concat([this.id, this.own.seal(Buffer.from(text), Buffer.from(beside))])
  }

  /**
   * Opens events.
   *
   * @param besideOf - what came beside them, by who published them
   * @returns undefined for those of a node that told no key: it may be about to be met
   * @throws {@link MalformedMessage} for those that came before, or were altered
   */
  open (bytes: Buffer, besideOf: (peer: Peer) => string): OpenedEvents<Peer> | undefined {
    const publishers = this.byId.get(bytes.toString('hex', 0, ID_BYTES))
    if (publishers === undefined) {
      if (bytes.length < ID_BYTES + SEAL_BYTES) throw new MalformedMessage('events that are cut off')
      return undefined
    }
    let fault: MalformedMessage | undefined
    for (const { peer, opener } of publishers) {
      try {
        return { peer, text: opener.open(bytes.subarray(ID_BYTES), Buffer.from(besideOf(peer))).toString() }
      } catch (error) {
        if (!(error instanceof MalformedMessage)) throw error
        fault = error
      }
    }
    throw fault ?? new MalformedMessage('events of nobody')
  }
}

function parse (text: unknown): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : undefined
  } catch {
    return undefined
  }
}
