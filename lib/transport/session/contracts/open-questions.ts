/** Nodes that are asked at a time for lists of others: each may hold what the next one would be asked for. */
const MAX_HELPERS_ASKED = 1
/**
 * The same for nodes that are asked for their own lists, as long as they answer. With more at a time, nodes that start
 * together ask for what others are about to give them.
 */
const MIN_OWNERS_ASKED = 1
/** The same, however few of them answer. */
const MAX_OWNERS_ASKED = 256
/** Nodes that are asked at a time for lists of others beside their own: each of them may answer with all of these. */
const MAX_ASKED_BESIDE = 2
/**
 * After so many times the usual time of an answer, within these limits, more owners are asked: silent ones must not
 * delay others. While a whole mesh starts, answers take long, and nobody is silent.
 */
const PATIENCE_TIMES = 4
const MIN_PATIENCE_MS = 100
const MAX_PATIENCE_MS = 1_000
/** A process that notices this time so much too late is too busy itself to tell who is silent. */
const LATE_MS = 100
/**
 * A node that was asked and gives no answer within this time keeps nobody else from being asked. Helpers are connected,
 * and may not even hold what they are asked for.
 */
const ANSWER_TIMEOUT_MS: Readonly<Record<Role, number>> = { owner: 2_000, helper: 500 }

/** What a node is asked as: for its own list, or only for those of others. */
export type Role = 'owner' | 'helper'

/** What a node is asked. */
export interface Asked {
  /** The hashes of lists for which nobody else is asked meanwhile. */
  readonly reserved: readonly string[]
  readonly role: Role
  /** Whether it is asked for other lists as well. */
  readonly asksBeside: boolean
}

interface Question extends Asked {
  readonly since: number
  readonly timer: NodeJS.Timeout
  /** Whether it took too long already: it holds no place from then on, and may be answered yet. */
  isOverdue: boolean
}

/** What {@link OpenQuestions} tells. */
export interface OpenQuestionsOptions<Source> {
  /** A node has not answered in time; it may answer yet. */
  readonly onSilence: (source: Source) => void
  /** More owners may be asked, as none of them answers. */
  readonly onRoom: () => void
}

/** The questions for lists that wait for their answers, and how many may be asked beside them. */
export class OpenQuestions<Source> {
  private readonly bySource = new Map<Source, Question>()
  private readonly counts: Record<Role, number> = { owner: 0, helper: 0 }
  private readonly limits: Record<Role, number> = { owner: MIN_OWNERS_ASKED, helper: MAX_HELPERS_ASKED }
  private patience: NodeJS.Timeout | undefined
  /** What answers of owners take: a moving average, of which the last one is half. */
  private answerMs = 0
  /** How many nodes are asked for lists of others beside their own. */
  private askedBeside = 0

  constructor (private readonly options: OpenQuestionsOptions<Source>) {}

  /** How many nodes are asked. */
  get size (): number {
    return this.bySource.size
  }

  /** Whether a node is asked. */
  has (source: Source): boolean {
    return this.bySource.has(source)
  }

  /**
   * How many more nodes may be asked. Owners share their room with helpers, which may give what owners would be asked
   * for; but one owner is always asked, and more of them while none answers, whatever helpers do.
   */
  roomFor (role: Role): number {
    const { limits, counts } = this
    if (role === 'helper') return limits.helper - counts.helper
    const left = limits.owner - counts.owner - Math.min(counts.helper, limits.owner - 1)
    return Math.min(left, MAX_OWNERS_ASKED - this.size)
  }

  /** Whether one more node may be asked for lists of others beside its own. */
  get mayAskBeside (): boolean {
    return this.askedBeside < MAX_ASKED_BESIDE
  }

  /** A node is asked for lists. */
  begin (source: Source, asked: Asked): void {
    const timer = setTimeout(() => this.options.onSilence(source), ANSWER_TIMEOUT_MS[asked.role])
    this.bySource.set(source, { ...asked, since: performance.now(), timer, isOverdue: false })
    this.counts[asked.role]++
    if (asked.asksBeside) this.askedBeside++
  }

  /** All owners are asked that may be: more of them, unless one answers soon. A busy process asks only one more. */
  waitForOwners (): void {
    if (this.patience !== undefined) return
    const patienceMs = Math.min(MAX_PATIENCE_MS, Math.max(MIN_PATIENCE_MS, PATIENCE_TIMES * this.answerMs))
    const end = performance.now() + patienceMs
    this.patience = setTimeout(() => {
      this.patience = undefined
      const isBusy = performance.now() > end + LATE_MS
      if (!isBusy) for (const question of this.bySource.values()) this.onOverdue(question)
      const { owner } = this.limits
      this.limits.owner = Math.min(MAX_OWNERS_ASKED, owner + (isBusy ? 1 : owner))
      this.options.onRoom()
    }, patienceMs)
  }

  /** The question to a node is over. Returns what was reserved for it. */
  end (source: Source): readonly string[] {
    const question = this.bySource.get(source)
    if (question === undefined) return []
    clearTimeout(question.timer)
    this.bySource.delete(source)
    if (!question.isOverdue) this.counts[question.role]--
    // Also of those that are overdue: many of them could answer at last, each with all lists.
    if (question.asksBeside) this.askedBeside--
    return question.reserved
  }

  /** A node has answered. */
  answered (source: Source): void {
    const question = this.bySource.get(source)
    if (question?.role !== 'owner') return
    this.answerMs = (this.answerMs + performance.now() - question.since) / 2
    clearTimeout(this.patience)
    this.patience = undefined
    this.limits.owner = Math.max(MIN_OWNERS_ASKED, this.limits.owner / 2)
  }

  /** Nothing is asked any more. */
  stop (): void {
    clearTimeout(this.patience)
    for (const { timer } of this.bySource.values()) clearTimeout(timer)
    this.bySource.clear()
  }

  private onOverdue (question: Question): void {
    if (question.role !== 'owner' || question.isOverdue) return
    this.counts.owner--
    question.isOverdue = true
  }
}
