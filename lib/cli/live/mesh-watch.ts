import type { NodeReport } from '../../inspection/node-report'
import type { MeshObserver } from '../../inspection/observer/observer'
import { pictureOf, type MeshPicture } from './picture'

/** The time between two questions: nodes tell figures of the second before again. */
export const PERIOD_MS = 1_200

/** Without an answer for so long, a node counts as silent. */
const SILENCE_MS = 4_000

/** What one node answered. */
interface Answers {
  report?: NodeReport
  before?: NodeReport
  answeredAt: number
  isAsked: boolean
}

/** Asks all nodes again and again. One that does not answer keeps nobody waiting. */
export class MeshWatch {
  private readonly answers = new Map<string, Answers>()

  constructor (private readonly observer: MeshObserver) {}

  /** Asks each node that has answered the question before. Resolves when all have answered, or soon. */
  async ask (): Promise<void> {
    const { nodes } = this.observer
    const present = new Set(nodes.map(({ id }) => id))
    for (const id of this.answers.keys()) if (!present.has(id)) this.answers.delete(id)
    await Promise.all(nodes.map(async ({ id }) => await this.askNode(id)))
  }

  /** What is known now. */
  get picture (): MeshPicture {
    const { observer, answers } = this
    const silentSince = performance.now() - SILENCE_MS
    const watched = observer.nodes.map(node => {
      const { report, before, answeredAt = 0 } = answers.get(node.id) ?? {}
      return {
        node,
        ...report === undefined ? {} : { report },
        ...before === undefined ? {} : { before },
        isSilent: answeredAt < silentSince
      }
    })
    return pictureOf(watched, observer.unreachable)
  }

  private async askNode (id: string): Promise<void> {
    const known = this.answers.get(id) ?? { answeredAt: performance.now(), isAsked: false }
    this.answers.set(id, known)
    if (known.isAsked) return
    known.isAsked = true
    const report = await this.observer.inspect(id).catch(() => undefined)
    known.isAsked = false
    if (report === undefined) return
    known.before = known.report
    known.report = report
    known.answeredAt = performance.now()
  }
}
