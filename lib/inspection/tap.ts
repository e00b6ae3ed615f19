import { toWallTime, meshNow } from '../clock'
import { MAX_MEMBER_LENGTH, MAX_PATH_LENGTH } from '../contract/contract-bounds'
import { encodeValue } from '../transport/values/encode-value'
import { outcomeOf } from './outcome'
import type { TapBatch, TapRecord, TapSide } from './records'
import type { Sight } from './sight'

/** So many records a second are told; the rest is counted. */
const MAX_TAP_RATE = 1_000

/** So many records wait for the asker, who asks again once a second. */
const MAX_WAITING_RECORDS = 1_000

/** What their payloads take at most, in characters. */
const MAX_WAITING_PAYLOADS = 1024 * 1024

/** The longest payload that is told, in characters. */
const MAX_PAYLOAD = 16 * 1024

/** Methods and events of which it is remembered whether the asker may see them: for a second. */
const MAX_DECISIONS = 1_000

/** A call or event that passes. */
export interface Passage {
  readonly side: TapSide
  readonly path: string
  readonly name: string
  /** The node on the other side. */
  readonly peer?: { readonly node?: string, readonly key?: string }
  readonly bytes?: number
  readonly replyLength?: number
  readonly ms?: number
  /** Of a call: its error; null for none. */
  readonly error?: unknown
  /** What was sent. */
  readonly payload: unknown
}

/** What passes, with what it carries as text: encoded once for all taps, and only if one needs it. */
export class TappedPassage {
  private encoded: { readonly text: string | undefined } | undefined

  constructor (readonly passage: Passage) {}

  /** What it carries, as JSON; undefined for what can't be sent. */
  get text (): string | undefined {
    this.encoded ??= { text: this.encode() }
    return this.encoded.text
  }

  private encode (): string | undefined {
    try {
      // Most calls have no id, or no data.
      return encodeValue(this.passage.payload, { omitsUndefined: true }).text
    } catch {
      // It was not sent either.
      return undefined
    }
  }
}

/** What an asker wants to see. */
export interface TapWish {
  /** Of one service alone. */
  readonly path?: string
  readonly sides: ReadonlySet<TapSide>
  /** Whether payloads come along. */
  readonly payloads: boolean
}

/** What one asker sees of the calls and events of a node, until it asks for it. */
export class Tap {
  private records: TapRecord[] = []
  private payloadLength = 0
  private lost = 0
  private inSecond = 0
  private secondBegan = 0
  private readonly decisions = new Map<string, boolean>()

  constructor (readonly id: string, private readonly wish: TapWish, private readonly sight: Sight) {}

  /** Whether there is something to tell. */
  get hasNews (): boolean {
    return this.records.length > 0 || this.lost > 0
  }

  /** Takes what passes, if its asker wants it and may see it. */
  take (tapped: TappedPassage): void {
    const { wish: { path, sides } } = this
    const { passage } = tapped
    if (!sides.has(passage.side) || (path !== undefined && path !== passage.path)) return
    this.beginSecond()
    // A peer may name anything, and what is kept here is not counted in characters.
    if (passage.path.length > MAX_PATH_LENGTH || passage.name.length > MAX_MEMBER_LENGTH) return void this.lost++
    if (!this.isInSight(passage)) return
    if (++this.inSecond > MAX_TAP_RATE || this.records.length >= MAX_WAITING_RECORDS) this.lost++
    else this.records.push(this.recordOf(tapped))
  }

  /** What there is to tell; it is told once. */
  next (): TapBatch {
    const { id: tap, records, lost } = this
    this.records = []
    this.payloadLength = this.lost = 0
    return { tap, records, lost }
  }

  private beginSecond (): void {
    const now = performance.now()
    if (now - this.secondBegan < 1_000) return
    this.secondBegan = now
    this.inSecond = 0
    this.decisions.clear()
  }

  /** A function of the user may decide it: not for each of very many calls. */
  private isInSight ({ side, path, name }: Passage): boolean {
    const { sight, decisions } = this
    if (side === 'called' || side === 'received') return sight.seesRemotes
    const id = JSON.stringify([side, path, name])
    let decision = decisions.get(id)
    if (decision === undefined) {
      decision = side === 'served' ? sight.mayCall(path, name) : sight.mayHear(path, name)
      if (decisions.size < MAX_DECISIONS) decisions.set(id, decision)
    }
    return decision
  }

  private recordOf (tapped: TappedPassage): TapRecord {
    const { side, path, name, peer, replyLength, ms } = tapped.passage
    const bytes = bytesOf(tapped)
    return {
      side,
      at: toWallTime(meshNow()),
      path,
      name,
      ...peer?.node === undefined ? {} : { node: peer.node },
      ...peer?.key === undefined ? {} : { key: peer.key },
      ...bytes === undefined ? {} : { bytes },
      ...replyLength === undefined ? {} : { replyLength },
      ...ms === undefined ? {} : { ms: Math.round(ms * 1_000) / 1_000 },
      ...isCall(tapped.passage) ? { outcome: outcomeOf(tapped.passage.error) } : {},
      ...this.wish.payloads ? this.payloadOf(tapped, bytes ?? 0) : {}
    }
  }

  private payloadOf (tapped: TappedPassage, bytes: number): { readonly payload?: string } {
    const text = bytes > MAX_PAYLOAD ? undefined : tapped.text
    const length = this.payloadLength + (text?.length ?? 0)
    if (text === undefined || text.length > MAX_PAYLOAD || length > MAX_WAITING_PAYLOADS) return {}
    this.payloadLength = length
    return { payload: text }
  }
}

function isCall ({ side }: Passage): boolean {
  return side === 'served' || side === 'called'
}

/** The transport tells the size of requests that come; that of all else is the size of what is sent. */
function bytesOf (tapped: TappedPassage): number | undefined {
  const { passage: { bytes } } = tapped
  if (bytes !== undefined) return bytes
  return tapped.text === undefined ? undefined : Buffer.byteLength(tapped.text)
}
