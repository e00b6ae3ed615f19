import { messageOf } from '../../../../printable'
import { OutageLines } from '../../../outage-lines'
import type { Look, LookContext, NodePlace } from '../way'
import { DnsRecords, type DnsAnswer, type DnsQuestion } from './dns-records'

/** Places that are taken of one answer. */
const MAX_PLACES_OF_ANSWER = 1_000
/** Time from one answer to the next question: that which the records may be kept, within these bounds. */
const MIN_POLL_MS = 5_000
const MAX_POLL_MS = 60_000
/** The questions of many nodes are spread over this part of it. */
const JITTER = 0.1
/** Time to the next question where there is no answer: doubled each time. */
const FIRST_RETRY_MS = 250
/** From one question to the next one that a lost connection is the reason of. */
const AGAIN_MS = 500
/** A name without an answer is told after this time: records of a node may come a little later than the node. */
const TELL_AFTER_MS = 1_500

/** Asks DNS again and again where nodes are. */
export class DnsLook implements Look {
  private readonly records: DnsRecords
  private timer: NodeJS.Timeout | undefined
  private askedAt = -Infinity
  private isAsking = false
  /** Whether a connection was lost while DNS was asked. */
  private isAskedAgain = false
  private isStopped = false
  private failures = 0
  private failingSince: number | undefined
  private readonly lines: OutageLines
  /** The places of the last answer. */
  private known: readonly NodePlace[] = []

  constructor (private readonly question: DnsQuestion, private readonly context: LookContext) {
    this.records = new DnsRecords(question)
    this.lines = new OutageLines({
      log: context.log,
      lost: 'FEATHERS_MESH_DISCOVERY_LOST',
      back: 'FEATHERS_MESH_DISCOVERY_BACK',
      fields: { address: question.name, option: 'discovery' }
    })
    void this.ask()
  }

  again (): void {
    if (this.isStopped) return
    if (this.isAsking) this.isAskedAgain = true
    else this.askIn(this.againMs)
  }

  stop (): void {
    this.isStopped = true
    clearTimeout(this.timer)
    this.lines.stop()
    this.records.cancel()
  }

  private get againMs (): number {
    return Math.max(0, this.askedAt + AGAIN_MS - performance.now())
  }

  private askIn (delayMs: number): void {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => { void this.ask() }, delayMs)
  }

  private async ask (): Promise<void> {
    this.isAsking = true
    this.isAskedAgain = false
    this.askedAt = performance.now()
    let pauseMs: number
    try {
      const answer = await this.records.ask(some => this.onSome(some))
      if (this.isStopped) return
      pauseMs = this.onAnswer(answer)
    } catch (error) {
      if (this.isStopped) return
      pauseMs = this.onFailure(messageOf(error))
    }
    this.isAsking = false
    this.askIn(this.isAskedAgain ? this.againMs : pauseMs)
  }

  /** Some are known, and others will be: those of the last answer are not gone before that. */
  private onSome (places: readonly NodePlace[]): void {
    if (!this.isStopped) this.context.onPlaces([...places, ...this.known].slice(0, MAX_PLACES_OF_ANSWER))
  }

  /** Takes an answer, and tells when to ask again. */
  private onAnswer ({ places, ttl = 0, isPartial = false }: DnsAnswer): number {
    const { question: { name }, context: { onPlaces, onFailure, onRejected } } = this
    for (let more = MAX_PLACES_OF_ANSWER; more < places.length; more++) onRejected('tooManyPlaces', name)
    if (isPartial) this.onSome(places)
    else onPlaces(places.slice(0, MAX_PLACES_OF_ANSWER))
    this.known = places
    if (places.length === 0) return this.onFailure('it has no records')
    onFailure(name, undefined)
    this.failures = 0
    this.failingSince = undefined
    this.lines.back(`feathers-mesh: DNS knows ${name} again, and this node looks for others there`)
    const pollMs = Math.min(MAX_POLL_MS, Math.max(MIN_POLL_MS, ttl * 1_000))
    return pollMs * (1 + Math.random() * JITTER)
  }

  /** There is no answer, and what was known stays. Tells when to ask again. */
  private onFailure (reason: string): number {
    const now = performance.now()
    this.failingSince ??= now
    const { name } = this.question
    this.context.onFailure(name, `DNS does not know it (${reason})`)
    if (now - this.failingSince >= TELL_AFTER_MS) {
      this.lines.lost(`feathers-mesh: DNS does not know ${name} (${reason}); this node goes on with the nodes that it ` +
        'knows, and asks again')
    }
    return Math.min(MIN_POLL_MS, FIRST_RETRY_MS * 2 ** this.failures++) * (1 - Math.random() * JITTER)
  }
}
