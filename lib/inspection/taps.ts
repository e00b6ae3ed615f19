import { randomUUID } from 'node:crypto'
import type { IncomingCall } from '../transport/transport'
import type { Sight } from './sight'
import { Tap, TappedPassage, type Passage, type TapWish } from './tap'

/** Taps of one node at a time. */
const MAX_TAPS = 4

/** An asker that asks no more has its tap removed. */
const MAX_TAP_SILENCE_MS = 5_000

/** How long a question waits for something to pass. */
const WAIT_MS = 1_000

/** Records are told together: one question and one answer for those of so many milliseconds. */
const GATHER_MS = 50

/** A tap, and the question of its asker that waits. */
class OpenTap {
  askedAt = performance.now()
  private question: IncomingCall | undefined
  private timer: NodeJS.Timeout | undefined
  private isGathering = false

  constructor (readonly tap: Tap, readonly asker: string) {}

  /** Its asker asks for more. An earlier question that waits is answered. */
  ask (question: IncomingCall): void {
    this.answer()
    this.askedAt = performance.now()
    this.question = question
    question.onCancel = () => {
      if (this.question === question) this.forget()
    }
    this.wait(WAIT_MS)
    this.gather()
  }

  /** Something passes. */
  take (passage: TappedPassage): void {
    this.tap.take(passage)
    this.gather()
  }

  /** It ends. The asker learns it by an answer without the tap, now or when it asks next. */
  end (): void {
    const { question } = this
    this.forget()
    question?.reply(null, {})
  }

  private gather (): void {
    if (this.isGathering || this.question === undefined || !this.tap.hasNews) return
    this.isGathering = true
    this.wait(GATHER_MS)
  }

  private wait (ms: number): void {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.answer(), ms)
  }

  private answer (): void {
    const { question } = this
    this.forget()
    question?.reply(null, this.tap.next())
  }

  private forget (): void {
    clearTimeout(this.timer)
    this.question = undefined
    this.isGathering = false
  }
}

/** The taps of one node. */
export class Taps {
  /** Whether anybody looks: nothing is made for a tap otherwise. A field, as each call reads it. */
  areOpen = false
  private readonly open = new Map<string, OpenTap>()
  private timer: NodeJS.Timeout | undefined
  private isClosed = false

  /** How many there are. */
  get count (): number {
    return this.open.size
  }

  /** A call or event passes. To be called only where taps are open. */
  take (passage: Passage): void {
    const tapped = new TappedPassage(passage)
    for (const tap of this.open.values()) tap.take(tapped)
  }

  /**
   * Opens a tap.
   *
   * @param asker - who may ask for what it tells
   * @returns its id; undefined where there are too many, or the node leaves
   */
  add (wish: TapWish, sight: Sight, asker: string): string | undefined {
    if (this.isClosed || this.open.size >= MAX_TAPS) return undefined
    const id = randomUUID()
    this.areOpen = true
    this.open.set(id, new OpenTap(new Tap(id, wish, sight), asker))
    this.timer ??= setInterval(() => this.removeSilent(), MAX_TAP_SILENCE_MS / 2)
    return id
  }

  /** Answers a question for what passed since the last one: soon, or when something passes. */
  ask (id: string, asker: string, question: IncomingCall): void {
    const tap = this.open.get(id)
    if (tap?.asker === asker) tap.ask(question)
    else question.reply(null, {})
  }

  /** Closes a tap. */
  delete (id: string, asker: string): void {
    if (this.open.get(id)?.asker === asker) this.remove(id)
  }

  /** The node joins. */
  begin (): void {
    this.isClosed = false
  }

  /** Closes all taps: the node leaves, and waits for all questions to have their answers. */
  close (): void {
    this.isClosed = true
    for (const id of this.open.keys()) this.remove(id)
  }

  private removeSilent (): void {
    const silentSince = performance.now() - MAX_TAP_SILENCE_MS
    for (const [id, { askedAt }] of this.open) if (askedAt < silentSince) this.remove(id)
  }

  private remove (id: string): void {
    this.open.get(id)?.end()
    this.open.delete(id)
    if (this.open.size > 0) return
    this.areOpen = false
    clearInterval(this.timer)
    this.timer = undefined
  }
}
