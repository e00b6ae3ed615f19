import type { History } from './checker'
import type { Entry } from './journal'

/**
 * Events that a replica has emitted by the time that every node has met it, on a busy machine: it emits about a hundred
 * a second. One that ended before may have had no subscriber.
 */
const MET_WITHIN = 300

/** The events of a replica from one time that it joined the mesh until it joined again. */
interface Life {
  readonly by: string
  readonly first: number
  readonly last: number
  /** When it joined; undefined where that was not written down, as it was there before. */
  readonly joinedAt?: number
  readonly isOver: boolean
}

/** An event that a listener heard, and where in its journal that is. */
interface Heard {
  readonly number: number
  readonly position: number
}

/** Events of one life of a replica that a listener did not hear one after the other. */
interface Hole {
  readonly by: string
  readonly first: number
  readonly last: number
  /** Where in its journal the listener heard the event before them, and the one after them: it is told in between. */
  readonly after: number
  readonly before: number
  /** Whether these are the first events of that life: nobody could subscribe to it yet. */
  readonly isOfJoining: boolean
  /** Whether it need not be told, or not of all, as the listener may have come later than some of these events. */
  readonly told: 'all' | 'some' | 'perhaps'
}

interface Gap {
  readonly position: number
  readonly missed?: number
}

/**
 * What listeners heard against what replicas emitted: of each life of each replica a listener hears, or is told to
 * miss, exactly what was emitted. A gap does not tell its replica; so each is given to one hole around its place that
 * it fits, and excuses nothing else.
 */
export function eventViolations (history: History): string[] {
  const lives = [...history.journals].flatMap(([by, entries]) => livesOf(by, entries, history.ended.has(by)))
  return [...history.journals].flatMap(([listener, entries]) => {
    const isListener = entries.some(({ kind }) => kind === 'listening' || kind === 'heard')
    return isListener ? violationsOfListener(entries, lives, history.isGentle).map(what => `${listener} ${what}`) : []
  })
}

function livesOf (by: string, entries: readonly Entry[], hasEnded: boolean): Life[] {
  const emitted = entries.flatMap(entry => entry.kind === 'emitted' ? [entry.number] : [])
  const joins = entries.flatMap(entry => entry.kind === 'joined' ? [{ first: entry.number, joinedAt: entry.at }] : [])
  const starts = joins[0]?.first === 1 ? joins : [{ first: 1, joinedAt: undefined }, ...joins]
  const last = emitted.at(-1) ?? 0
  return starts.map(({ first, joinedAt }, n) => ({
    by, first, joinedAt, last: (starts[n + 1]?.first ?? last + 1) - 1, isOver: hasEnded || n + 1 < starts.length
  })).filter(life => life.last >= life.first)
}

function violationsOfListener (entries: readonly Entry[], lives: readonly Life[], isGentle: boolean): string[] {
  const gaps = entries.flatMap((entry, position) => entry.kind === 'gap' ? [{ position, missed: entry.missed }] : [])
  const heard = heardOf(entries)
  const since = entries.flatMap(entry => entry.kind === 'listening' ? [entry.at] : [])[0]
  const holes = lives.flatMap(life => holesOf(life, heard.get(life.by) ?? [], since))
  const found = [...wrongOrder(heard), ...new ToldHoles(holes, gaps).violations()]
  return isGentle ? [...found, ...harmIn(holes, gaps)] : found
}

function heardOf (entries: readonly Entry[]): Map<string, Heard[]> {
  const heard = new Map<string, Heard[]>()
  entries.forEach((entry, position) => {
    if (entry.kind !== 'heard') return
    const { by, number } = entry
    const list = heard.get(by)
    if (list === undefined) heard.set(by, [{ number, position }])
    else list.push({ number, position })
  })
  return heard
}

function wrongOrder (heard: ReadonlyMap<string, readonly Heard[]>): string[] {
  return [...heard].flatMap(([by, list]) => list.flatMap(({ number }, n) => {
    const before = list[n - 1]?.number ?? 0
    return number <= before ? [`heard ${by} ${number} after ${before}`] : []
  }))
}

/** @param since - when the listener was there; undefined where that was not written down */
function holesOf (life: Life, heard: readonly Heard[], since: number | undefined): Hole[] {
  const { by, first, last } = life
  const ofLife = heard.filter(({ number }) => number >= first && number <= last)
  let next = first
  let after = heard.filter(({ number }) => number < first).at(-1)?.position ?? -1
  const holes: Hole[] = []
  const miss = (end: number, before: number): void => {
    if (end < next) return
    const isOfJoining = next === first
    const told = isOfJoining ? toldOf(life, ofLife.length > 0, since) : 'all'
    holes.push({ by, first: next, last: end, after, before, isOfJoining, told })
  }
  for (const { number, position } of ofLife) {
    miss(number - 1, position)
    next = Math.max(next, number + 1)
    after = position
  }
  miss(last, heard.find(({ number }) => number > last)?.position ?? Infinity)
  return holes
}

/** What a listener has to be told of the first events of a life that it missed. */
function toldOf ({ first, last, joinedAt, isOver }: Life, isHeard: boolean, since: number | undefined): Hole['told'] {
  const wasThere = since !== undefined && joinedAt !== undefined && joinedAt > since
  if (isHeard) return wasThere ? 'all' : 'perhaps'
  if (isOver && last - first + 1 < MET_WITHIN) return 'perhaps'
  return wasThere ? 'all' : 'some'
}

const sizeOf = ({ first, last }: Hole): number => last - first + 1
const isAt = ({ after, before }: Hole, { position }: Gap): boolean => position > after && position < before

/** Whether a gap tells a hole by itself. */
function tells ({ missed }: Gap, hole: Hole): boolean {
  return missed === undefined || (hole.told === 'all' ? missed === sizeOf(hole) : missed <= sizeOf(hole))
}

/** Which holes the gaps of a listener tell. */
class ToldHoles {
  private readonly holeOf = new Map<Gap, Hole>()

  constructor (private readonly holes: readonly Hole[], private readonly gaps: readonly Gap[]) {}

  violations (): string[] {
    const holes = this.holes.filter(({ told }) => told !== 'perhaps')
    // Numbers first: a gap that is given stays given, so as many as possible are explained.
    const uncounted = holes.filter(hole => !this.give(hole, this.gaps.filter(isCounted), new Set()))
    const left = uncounted.filter(hole => !this.give(hole, this.gaps, new Set()))
    return [...left.flatMap(hole => this.violationsOf(hole)), ...this.tooMuch()]
  }

  /** Finds a gap that tells this hole; a hole that has it already may take another one (Kuhn's matching). */
  private give (hole: Hole, gaps: readonly Gap[], seen: Set<Gap>): boolean {
    return gaps.filter(gap => isAt(hole, gap) && tells(gap, hole)).some(gap => {
      if (seen.has(gap)) return false
      seen.add(gap)
      const other = this.holeOf.get(gap)
      if (other !== undefined && !this.give(other, gaps, seen)) return false
      this.holeOf.set(gap, hole)
      return true
    })
  }

  /** A hole that no single gap tells may be told in parts. */
  private violationsOf (hole: Hole): string[] {
    let told = 0
    for (const gap of this.gaps) {
      const { missed = 0 } = gap
      if (this.holeOf.has(gap) || !isAt(hole, gap) || missed === 0 || told + missed > sizeOf(hole)) continue
      this.holeOf.set(gap, hole)
      told += missed
    }
    if (told === sizeOf(hole)) return []
    return [`missed ${hole.by} ${hole.first} to ${hole.last}, and was ${told === 0 ? 'not told' : `told of ${told}`}`]
  }

  /** Counted gaps that tell of no hole, or are a part of what no number is known of. */
  private tooMuch (): string[] {
    const uncounted = [...this.holeOf].flatMap(([gap, hole]) => isCounted(gap) ? [] : [hole])
    const optional = this.holes.filter(({ told }) => told === 'perhaps')
    const room = new Map([...uncounted, ...optional].map(hole => [hole, sizeOf(hole)]))
    return this.gaps.flatMap(gap => {
      const { missed } = gap
      if (missed === undefined || this.holeOf.has(gap)) return []
      const hole = [...room.keys()].find(each => isAt(each, gap) && (room.get(each) ?? 0) >= missed)
      if (hole === undefined) return [`was told of ${missed} events that it did not miss`]
      room.set(hole, (room.get(hole) ?? 0) - missed)
      return []
    })
  }
}

function isCounted ({ missed }: Gap): boolean {
  return missed !== undefined
}

/** What must not be even if it was told, where nothing harsh was done. */
function harmIn (holes: readonly Hole[], gaps: readonly Gap[]): string[] {
  const lost = holes.filter(({ isOfJoining }) => !isOfJoining).reduce((sum, hole) => sum + sizeOf(hole), 0)
  const uncounted = gaps.filter(gap => !isCounted(gap)).length
  return [
    ...lost > 0 ? [`missed ${lost} events, and nothing happened that allows it`] : [],
    ...uncounted > 0 ? [`was told ${uncounted} gaps without a number, and no node was lost`] : []
  ]
}
