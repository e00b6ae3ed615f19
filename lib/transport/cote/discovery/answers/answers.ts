import type { Heard } from '../known-components'
import type { Media } from '../media'
import type { OwnHellos } from '../own-hellos'
import type { Timers } from '../timers'
import type { AnswerPace } from './answer-pace'

/** What {@link Answers} need of their node. */
export interface AnswersOptions {
  readonly own: OwnHellos
  /** Undefined while no way is open. */
  readonly media: () => Media | undefined
  readonly timers: Timers
  readonly send: (sending: Promise<void>) => void
}

/**
 * Answers newcomers with the hellos of this node: while few come, each alone, where it has a port for that, and else
 * all of them with one answer, which all other nodes read as well.
 */
export class Answers {
  private isShared = false

  constructor (private readonly pace: AnswerPace, private readonly options: AnswersOptions) {}

  /** A node has said hello that was not known: unless that was an answer, it may not know this one. */
  greet ({ packet: { answerPort, isAnswer }, from: { way } }: Heard): void {
    if (isAnswer === true) return
    const { pace, options: { own, media, timers, send } } = this
    const answers = media()?.all[way]?.answers
    if (answers === undefined || answerPort === undefined || this.isShared || !pace.isQuiet) return this.share()
    pace.onAnswerAlone()
    timers.schedule(() => {
      for (const packet of own.answersOf(way)) send(answers.send(packet, answerPort))
    }, pace.jitterMs)
  }

  private share (): void {
    if (this.isShared) return
    this.isShared = true
    const { pace, options: { own, timers, send } } = this
    timers.schedule(() => {
      this.isShared = false
      pace.onAnswer()
      send(own.repeat())
    }, pace.waitMs)
  }
}
