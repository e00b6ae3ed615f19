import { patienceOf, play } from '../durable/play'
import { TestProcesses, type TestProcess } from '../process'
import { hasNats, JETSTREAM, NatsServer } from '../transport/nats/nats-server'

/** `npm run bench:durable` has more of them. */
const EVENTS = 10_000

// Many processes start here, on whatever machine this is, and the server waits for those that died.
jest.setTimeout(60_000 + 2 * patienceOf(EVENTS))

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

  it('handle each event while members are killed, twice only what died with one, in order if asked', async () => {
    const { groups, letters } = await play({ events: EVENTS, kills: 2, start })
    for (const { handled, byDead, byLiving, kills } of groups) {
      expect(handled).toBe(EVENTS)
      // What a member that lives began it has handled: only what a dead one began came again.
      const first = new Map<number, number>()
      for (const { n, delivery } of [...byDead, ...byLiving]) {
        first.set(n, (first.get(n) ?? 0) + (delivery === 1 ? 1 : 0))
      }
      expect([...first.values()].filter(times => times > 1)).toEqual([])
      const ofDead = new Set(byDead.map(({ n }) => n))
      const again = byLiving.filter(({ n, delivery }) => delivery > 1 && !ofDead.has(n))
      expect(again.length).toBeLessThanOrEqual(kills * 64)
    }
    const [, { byDead, byLiving, kills }] = groups
    const ordered = [...byDead, ...byLiving].sort((one, other) => BigInt(one.at) < BigInt(other.at) ? -1 : 1)
    const firsts = [...new Set(ordered.map(({ n }) => n))]
    expect(firsts).toEqual(Array.from({ length: EVENTS }, (_, n) => n))
    expect(ordered.length - EVENTS).toBeLessThanOrEqual(kills)
    expect(letters).toBe(0)
  })
})
