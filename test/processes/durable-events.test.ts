import { TestProcesses, type TestProcess } from '../process'
import { PATIENCE, until } from '../until'
import { hasNats, JETSTREAM, NatsServer } from '../transport/nats/nats-server'
import type { Handled } from './durable-jobs'

/** How many events there are: more by a variable, for a long run. */
const EVENTS = Number(process.env.MESH_TEST_DURABLE_EVENTS ?? 10_000)
/** After how many of them a member of each group is killed. */
const KILLS = [0.25, 0.6].map(share => Math.round(EVENTS * share))
const BATCH = 100
/** Milliseconds for whatever a long run waits for. */
const RUN_MS = PATIENCE + 20 * EVENTS

// Many processes start here, on whatever machine this is, and the server waits for those that died.
jest.setTimeout(60_000 + 2 * RUN_MS)

/** What the members of a group told so far; a long run asks often. */
class Tally {
  private readonly seen = new Map<TestProcess, number>()
  private readonly numbers = new Set<number>()

  /** How many different events they have handled. */
  of (members: readonly TestProcess[]): number {
    for (const member of members) {
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
}

const describeWithNats = hasNats ? describe : describe.skip

describeWithNats('durable groups whose members are processes', () => {
  const processes = new TestProcesses()
  let server: NatsServer

  beforeAll(async () => { server = await NatsServer.start(JETSTREAM) })
  afterAll(async () => { await server.stop() })

  async function start (program: string, env: NodeJS.ProcessEnv = {}): Promise<TestProcess> {
    const started = await processes.run(program, { MESH_TRANSPORT: server.url, ...env })
    await started.ask('start')
    return started
  }

  const begun = (members: readonly TestProcess[]): Handled[] =>
    members.flatMap(member => member.told<Handled>('job'))

  it('handle each event while members are killed, twice only what died with one, in order if asked', async () => {
    const groups = [{ GROUP: 'plain' }, { GROUP: 'ordered', ORDERED: 'yes' }]
      .map(env => ({
        env, tally: new Tally(), all: [] as TestProcess[], alive: [] as TestProcess[], dead: [] as TestProcess[]
      }))
    const publisher = await start('durable-publisher')
    await Promise.all(groups.flatMap(({ env, all, alive }) => Array.from({ length: 3 }, async () => {
      const member = await start('durable-member', env)
      all.push(member)
      alive.push(member)
    })))
    const kills = groups.flatMap(group => KILLS.map(async count => {
      await until(`${count} events`, () => group.tally.of(group.all) >= count, RUN_MS)
      const [victim] = group.alive.splice(Math.floor(Math.random() * group.alive.length), 1)
      await victim.kill()
      group.dead.push(victim)
      const next = await start('durable-member', group.env)
      group.all.push(next)
      group.alive.push(next)
    }))
    for (let from = 0; from < EVENTS; from += BATCH) {
      await publisher.ask('post', { from, to: Math.min(EVENTS, from + BATCH) })
    }
    await Promise.all(kills)
    for (const { all, alive, dead, tally } of groups) {
      await until('all events', () => tally.of(all) === EVENTS, RUN_MS)
      // What a member that lives began it has handled: only what a dead one began came again.
      const first = new Map<number, number>()
      for (const { n, delivery } of begun(all)) first.set(n, (first.get(n) ?? 0) + (delivery === 1 ? 1 : 0))
      expect([...first.values()].filter(times => times > 1)).toEqual([])
      const ofDead = new Set(begun(dead).map(({ n }) => n))
      const again = begun(alive).filter(({ n, delivery }) => delivery > 1 && !ofDead.has(n))
      expect(again.length).toBeLessThanOrEqual(dead.length * 64)
    }
    const ordered = begun(groups[1].all).sort((one, other) => BigInt(one.at) < BigInt(other.at) ? -1 : 1)
    const firsts = [...new Set(ordered.map(({ n }) => n))]
    expect(firsts).toEqual(Array.from({ length: EVENTS }, (_, n) => n))
    expect(ordered.length - EVENTS).toBeLessThanOrEqual(groups[1].dead.length)
    expect(await publisher.ask('letters')).toBe(0)
  })
})
