import type { TestProcess } from '../process'
import type { Handled } from '../processes/durable-jobs'
import { PATIENCE, until } from '../until'

const MEMBERS = 3
const BATCH = 100

/** What a run needs. */
export interface DurablePlay {
  /** How many events are published. */
  readonly events: number
  /** How many members of each group are killed meanwhile. */
  readonly kills: number
  /** Starts a program of test/processes. */
  readonly start: (program: string, env?: NodeJS.ProcessEnv) => Promise<TestProcess>
}

/** What became of the events in one group. */
export interface PlayedGroup {
  readonly name: string
  /** How many members were killed. */
  readonly kills: number
  /** How many different events were handled to their end. */
  readonly handled: number
  /** What members began to handle, in no order: those that were killed, and those that were not. */
  readonly byDead: readonly Handled[]
  readonly byLiving: readonly Handled[]
}

/** What became of the events of a run. */
export interface Played {
  readonly groups: readonly PlayedGroup[]
  readonly letters: number
  readonly seconds: number
}

/** Milliseconds for whatever a run waits for. */
export function patienceOf (events: number): number {
  return PATIENCE + 20 * events
}

/** Publishes durable events to two groups, one of which asks for order, and kills members of both meanwhile. */
export async function play ({ events, kills, start }: DurablePlay): Promise<Played> {
  const groups = [{ GROUP: 'plain' }, { GROUP: 'ordered', ORDERED: 'yes' }].map(env => new Group(env, start))
  const publisher = await start('durable-publisher')
  await Promise.all(groups.map(async group => await group.fill()))
  const from = performance.now()
  const killing = groups.map(async group => {
    for (let killed = 0; killed < kills; killed++) {
      const count = Math.round(events * (killed + 0.5) / kills)
      await until(`${count} events`, () => group.handled >= count, patienceOf(events))
      await group.replaceOne()
    }
  })
  for (let n = 0; n < events; n += BATCH) await publisher.ask('post', { from: n, to: Math.min(events, n + BATCH) })
  await Promise.all(killing)
  for (const group of groups) {
    // What is missing is told by the figures.
    await until('all events', () => group.handled === events, patienceOf(events)).catch(() => {})
  }
  const seconds = (performance.now() - from) / 1_000
  return { groups: groups.map(group => group.played), letters: await publisher.ask<number>('letters'), seconds }
}

/** The members of a group, and what they told so far; a long run asks often. */
class Group {
  private readonly alive: TestProcess[] = []
  private readonly dead: TestProcess[] = []
  private readonly seen = new Map<TestProcess, number>()
  private readonly numbers = new Set<number>()

  constructor (private readonly env: { readonly GROUP: string }, private readonly start: DurablePlay['start']) {}

  async fill (): Promise<void> {
    await Promise.all(Array.from({ length: MEMBERS }, async () => await this.addOne()))
  }

  async replaceOne (): Promise<void> {
    const [victim] = this.alive.splice(Math.floor(Math.random() * this.alive.length), 1)
    await victim.kill()
    this.dead.push(victim)
    await this.addOne()
  }

  /** How many different events they have handled. */
  get handled (): number {
    for (const member of [...this.alive, ...this.dead]) {
      let at = this.seen.get(member) ?? 0
      for (; at < member.events.length; at++) {
        const { event, value } = member.events[at]
        // A member tells its numbers by it.
        if (event === 'done') this.numbers.add(value as number)
      }
      this.seen.set(member, at)
    }
    return this.numbers.size
  }

  get played (): PlayedGroup {
    const begun = (members: readonly TestProcess[]): Handled[] =>
      members.flatMap(member => member.told<Handled>('job'))
    const { env: { GROUP: name }, handled, dead, alive } = this
    return { name, kills: dead.length, handled, byDead: begun(dead), byLiving: begun(alive) }
  }

  private async addOne (): Promise<void> {
    this.alive.push(await this.start('durable-member', this.env))
  }
}
