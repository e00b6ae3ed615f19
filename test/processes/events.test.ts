import type { TestProcess } from '../process'
import { TestProcesses } from '../process'
import type { NodeInfo } from '../../lib/module/distributed-module'
import type { Todo } from './todo-service'

interface Heard {
  event: string
  payload: Todo
  context: Record<string, unknown>
}

describe('the events of a service in another process', () => {
  const processes = new TestProcesses()

  async function start (programs: ReadonlyArray<readonly [string, NodeJS.ProcessEnv?]>): Promise<TestProcess[]> {
    const started = await Promise.all(programs.map(async ([program, env]) => await processes.run(program, env)))
    await Promise.all(started.map(async program => await program.ask('start')))
    return started
  }

  async function knows (consumer: TestProcess, nodes: number): Promise<void> {
    await consumer.until(`${nodes} other nodes`, async () => (await consumer.ask<NodeInfo[]>('nodes')).length === nodes + 1)
  }

  /**
   * Emits marks until the consumer receives one, which proves that it is subscribed to the replica.
   * Events of one replica arrive in their order, so what was emitted before a mark has arrived when the mark has.
   */
  async function mark (host: TestProcess, consumer: TestProcess, title: string): Promise<void> {
    await consumer.until(`the mark '${title}'`, async () => {
      await host.ask('emit', title)
      return heard(consumer).some(({ payload }) => payload.title === title)
    })
  }

  const heard = (consumer: TestProcess): Heard[] => consumer.told<Heard>('heard')
  const heardOf = (consumer: TestProcess, title: string) => heard(consumer)
    .filter(({ payload }) => payload.title === title)
    .map(({ event, payload }) => `${event} on ${payload.replica}`)

  it('arrive once for each call, whether custom or standard, and standard ones with a context', async () => {
    const [host, consumer] = await start([['host'], ['consumer']])
    await consumer.ask('watch')
    await mark(host, consumer, 'listening')

    const data = { title: 'Buy milk' }
    await consumer.ask('call', { method: 'create', args: [data] })
    await consumer.ask('call', { method: 'update', args: [7, data] })
    await consumer.ask('call', { method: 'patch', args: [7, data] })
    await consumer.ask('call', { method: 'complete', args: [data] })
    await consumer.ask('call', { method: 'remove', args: [7] })
    await mark(host, consumer, 'done')

    expect(heardOf(consumer, 'Buy milk')).toEqual(['created on A', 'updated on A', 'patched on A', 'completed on A'])
    expect(heardOf(consumer, 'Water the plants')).toEqual(['removed on A'])
    const updated = heard(consumer).find(({ event }) => event === 'updated')
    expect(updated?.context).toMatchObject({ path: 'todos', event: 'updated', method: 'update', id: 7, data })
  })

  it('arrive once at each of several consumers from each of two replicas', async () => {
    const [a, b, ...consumers] = await start([['host'], ['host', { REPLICA: 'B' }], ['consumer'], ['consumer']])
    for (const consumer of consumers) {
      await consumer.ask('watch')
      await knows(consumer, 3)
      for (const host of [a, b]) await mark(host, consumer, 'listening')
    }
    const [caller] = consumers
    for (const host of [a, b]) {
      const node = await host.ask<string>('id')
      for (const method of ['create', 'complete']) {
        await caller.ask('call', { method, args: [{ title: 'Buy milk' }], options: { node } })
      }
    }
    for (const consumer of consumers) {
      await mark(a, consumer, 'A is done')
      await mark(b, consumer, 'B is done')
      expect(heardOf(consumer, 'Buy milk').sort())
        .toEqual(['completed on A', 'completed on B', 'created on A', 'created on B'])
    }
  })

  it('arrive from a replica that was started later', async () => {
    const [, consumer] = await start([['host'], ['consumer']])
    await consumer.ask('watch')
    const [late] = await start([['host', { REPLICA: 'B' }]])
    await mark(late, consumer, 'from B')
    expect(heardOf(consumer, 'from B')).toContain('completed on B')
  })
})
