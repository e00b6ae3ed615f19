import { messageOf } from '../../../../printable'
import type { Look, LookContext } from '../way'
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
  private isStopped = false
  private failures = 0
  private failingSince: number | undefined
  /** Whether a warning says that there is no answer. */
  private isMissed = false

  constructor (private readonly question: DnsQuestion, private readonly context: LookContext) {
    this.records = new DnsRecords(question)
    void this.ask()
  }

  again (): void {
    if (this.isStopped || this.isAsking) return
    this.askIn(Math.max(0, this.askedAt + AGAIN_MS - performance.now()))
  }

  stop (): void {
    this.isStopped = true
    clearTimeout(this.timer)
    this.records.cancel()
  }

  private askIn (delayMs: number): void {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => { void this.ask() }, delayMs)
  }

  private async ask (): Promise<void> {
    this.isAsking = true
    this.askedAt = performance.now()
    let pauseMs: number
    try {
      const answer = await this.records.ask()
      if (this.isStopped) return
      pauseMs = this.onAnswer(answer)
    } catch (error) {
      if (this.isStopped) return
      pauseMs = this.onFailure(messageOf(error))
    }
    this.isAsking = false
    this.askIn(pauseMs)
  }

  /** Takes an answer, and tells when to ask again. */
  private onAnswer ({ places, ttl = 0 }: DnsAnswer): number {
    const { question: { name }, context: { onPlaces, onRejected, log } } = this
    for (let more = MAX_PLACES_OF_ANSWER; more < places.length; more++) onRejected('tooManyPlaces', name)
    onPlaces(places.slice(0, MAX_PLACES_OF_ANSWER))
    if (places.length === 0) return this.onFailure('it has no records')
    this.failures = 0
    this.failingSince = undefined
    if (this.isMissed) {
      this.isMissed = false
      const text = `feathers-mesh: DNS knows ${name} again, and this node looks for others there`
      log.tell('FEATHERS_MESH_DISCOVERY_BACK', text, { address: name, option: 'discovery' })
    }
    const pollMs = Math.min(MAX_POLL_MS, Math.max(MIN_POLL_MS, ttl * 1_000))
    return pollMs * (1 + Math.random() * JITTER)
  }

  /** There is no answer, and what was known stays. Tells when to ask again. */
  private onFailure (reason: string): number {
    const now = performance.now()
    this.failingSince ??= now
    if (!this.isMissed && now - this.failingSince >= TELL_AFTER_MS) {
      this.isMissed = true
      const { name: address } = this.question
      const text = `feathers-mesh: DNS does not know ${address} (${reason}); this node goes on with the ` +
        'nodes that it knows, and asks again'
      this.context.log.tell('FEATHERS_MESH_DISCOVERY_LOST', text, { address, option: 'discovery' })
    }
    return Math.min(MIN_POLL_MS, FIRST_RETRY_MS * 2 ** this.failures++) * (1 - Math.random() * JITTER)
  }
}
