/** Nodes asked at a time for lists of others: each that answers may hold what the others would be asked for. */
const MAX_HELPERS_ASKED = 4
/** Nodes that are asked at a time for their own lists, as long as they answer; and however few of them do. */
const MIN_OWNERS_ASKED = 4
const MAX_OWNERS_ASKED = 256
/** After this time without the answer of an owner, twice as many are asked: silent ones must not delay others. */
const PATIENCE_MS = 1_000
/** A process that notices this time so much too late is too busy itself to tell who is silent. */
const LATE_MS = 100
/**
 * A node that was asked and gives no answer within this time keeps nobody else from being asked. Helpers are connected,
 * and may not even hold what they are asked for.
 */
const ANSWER_TIMEOUT_MS: Readonly<Record<Role, number>> = { owner: 2_000, helper: 500 }

/** What a node is asked as: for its own list, or only for those of others. */
export type Role = 'owner' | 'helper'

interface Question {
  readonly hashes: readonly string[]
  readonly role: Role
  readonly timer: NodeJS.Timeout
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
    return limits.owner - counts.owner - Math.min(counts.helper, limits.owner - 1)
  }

  /** A node is asked for lists. */
  begin (source: Source, hashes: readonly string[], role: Role): void {
    const timer = setTimeout(() => this.options.onSilence(source), ANSWER_TIMEOUT_MS[role])
    this.bySource.set(source, { hashes, role, timer })
    this.counts[role]++
  }

  /** All owners are asked that may be: more of them, unless one answers soon. */
  waitForOwners (): void {
    const since = performance.now()
    this.patience ??= setTimeout(() => {
      this.patience = undefined
      const isBusy = performance.now() - since > PATIENCE_MS + LATE_MS
      if (!isBusy) this.limits.owner = Math.min(MAX_OWNERS_ASKED, 2 * this.limits.owner)
      this.options.onRoom()
    }, PATIENCE_MS)
  }

  /** The question to a node is over. Returns the hashes of what it was asked for. */
  end (source: Source): readonly string[] {
    const question = this.bySource.get(source)
    if (question === undefined) return []
    clearTimeout(question.timer)
    this.bySource.delete(source)
    this.counts[question.role]--
    return question.hashes
  }

  /** A node has answered. */
  answered (source: Source): void {
    if (this.bySource.get(source)?.role !== 'owner') return
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
}
