/**
 * The long form of test/processes/durable-events.test.ts: durable events on a nats-server through two groups of three
 * processes each, of which some are killed meanwhile.
 *
 * Usage: npm run bench:durable -- [--events=100000] [--kills=10]
 */
import { parseArgs } from 'node:util'
import { TestProcess } from '../process'
import { JETSTREAM, NatsServer } from '../transport/nats/nats-server'
import { play, type PlayedGroup } from './play'

/** How many times the server gave an event again. */
const redelivered = ({ byDead, byLiving }: PlayedGroup): number =>
  [...byDead, ...byLiving].filter(({ delivery }) => delivery > 1).length

async function main (): Promise<void> {
  const { values } = parseArgs({
    options: { events: { type: 'string', default: '100000' }, kills: { type: 'string', default: '10' } }
  })
  const [events, kills] = [Number(values.events), Number(values.kills)]
  if (!Number.isInteger(events) || events < 1) throw new Error('--events needs a whole number above 0')
  const server = await NatsServer.start(JETSTREAM)
  const processes: TestProcess[] = []
  try {
    const start = async (program: string, env: NodeJS.ProcessEnv = {}): Promise<TestProcess> => {
      const started = new TestProcess(program, { ...process.env, MESH_TRANSPORT: server.url, ...env })
      processes.push(started)
      await started.hears('obeys')
      await started.ask('start')
      return started
    }
    const { groups, letters, seconds } = await play({ events, kills, start })
    console.table(Object.fromEntries(groups.map(group => [group.name, {
      published: events,
      handled: group.handled,
      missing: events - group.handled,
      redelivered: redelivered(group),
      'members killed': group.kills
    }])))
    console.log(`${letters} dead-lettered, ${seconds.toFixed(1)} s`)
    if (letters > 0 || groups.some(({ handled }) => handled !== events)) process.exitCode = 1
  } finally {
    await Promise.all(processes.map(async each => await each.kill()))
    await server.stop()
  }
}

main().catch(error => {
  console.error(error)
  process.exitCode = 1
})
