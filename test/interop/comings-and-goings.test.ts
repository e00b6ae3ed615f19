import type { TestProcess } from '../process'
import type { Heard } from '../processes/interop/plugin-node'
import { call, forgets, heardBy, InteropMesh, knows, NEW, OLD_PLUGINS, type Settings } from './interop-mesh'

// Many processes start here, on whatever machine this is.
jest.setTimeout(60_000)

/** Each node hosts one service, by its own name. */
const settings = (name: string): Settings => ({ key: name, paths: [name] })

describe.each(OLD_PLUGINS)('nodes of feathers-distributed %s and of ours', (_version, OLD) => {
  const mesh = new InteropMesh()
  const nodes = new Map<string, TestProcess>()

  const start = async (name: string, among = mesh): Promise<void> => {
    nodes.set(name, await among.node(name, name.endsWith('old') ? OLD : NEW, settings(name)))
  }
  const node = (name: string): TestProcess => {
    const found = nodes.get(name)
    if (found === undefined) throw new Error(`${name} was not started`)
    return found
  }

  afterEach(async () => await mesh.end())

  /** A node calls the service of the other one and receives its events. */
  async function isServed (name: string, other: string): Promise<void> {
    const consumer = node(name)
    await knows(consumer, other)
    const note = { node: other, path: other, method: 'create' }
    // Whoever has lost sight of the other one for a while may take its service off once more.
    const answer = await consumer.until('an answer of the other node', async () => {
      const outcome = await consumer.try('call', { path: other, method: 'create', args: [{}] })
      return 'value' in outcome ? outcome.value : undefined
    })
    expect(answer).toMatchObject(note)
    await consumer.until('an event of the other node', async () => {
      await consumer.try('watch', other)
      await consumer.try('call', { path: other, method: 'create', args: [{}] })
      return heardBy(consumer).some(({ path, event }: Heard) => path === other && event === 'created')
    })
  }

  async function serveEachOther (): Promise<void> {
    await isServed('old', 'new')
    await isServed('new', 'old')
  }

  it.each([['old', 'new'], ['new', 'old']])('serve each other when the %s one starts first', async (first, second) => {
    await start(first)
    await start(second)
    await serveEachOther()
  })

  it.each([
    ['leaves', async (leaving: TestProcess) => { expect(await leaving.stop()).toBe(0) }],
    ['is killed', async (leaving: TestProcess) => { await leaving.kill() }]
  ])('forget the services of a node that %s, and serve each other again after its return', async (_what, end) => {
    await Promise.all([start('old'), start('new'), start('second old'), start('second new')])
    await Promise.all([
      knows(node('new'), 'old', 'second old'), knows(node('old'), 'new', 'second new'),
      knows(node('second new'), 'old'), knows(node('second old'), 'new')
    ])
    await Promise.all([end(node('second old')), end(node('second new'))])
    await Promise.all([forgets(node('new'), 'second old'), forgets(node('old'), 'second new')])

    await Promise.all([start('second old'), start('second new')])
    await Promise.all([isServed('new', 'second old'), isServed('old', 'second new')])
    await Promise.all([isServed('second new', 'old'), isServed('second old', 'new')])
  })

  describe('that start at the same time', () => {
    const pair = new InteropMesh()

    beforeAll(async () => {
      await Promise.all([start('old', pair), start('new', pair)])
    })

    afterAll(async () => await pair.end())

    it('serve each other', serveEachOther)

    it.each([
      ['old', 'new'], ['new', 'old']
    ])('notice when the %s one adds and removes a service', async (host, other) => {
      for (const round of [1, 2]) {
        await node(host).ask('use', `${host}-late`)
        await knows(node(other), `${host}-late`)
        expect(await call(node(other), `${host}-late`, 'archive', {})).toMatchObject({ node: host, path: `${host}-late` })

        await node(host).ask('unuse', `${host}-late`)
        await forgets(node(other), `${host}-late`)
        // Once each, unless the machine was so busy that the other one lost sight of the host meanwhile.
        const told = node(other).events.filter(({ value }) => value === `${host}-late`).map(({ event }) => event)
        expect(told.length).toBeGreaterThanOrEqual(2 * round)
        expect(told).toEqual(told.map((_event, n) => n % 2 === 0 ? 'service' : 'service-removed'))
        expect(await call(node(other), host, 'find')).toMatchObject([{ node: host }])
      }
    })

    it.each([
      ['old', 'new'], ['new', 'old']
    ])('serve each other again after the %s one was frozen long enough to be dropped', async (
      frozen, other
    ) => {
      const pid = await node(frozen).ask<number>('pid')
      process.kill(pid, 'SIGSTOP')
      await forgets(node(other), frozen)
      process.kill(pid, 'SIGCONT')
      await serveEachOther()
    })
  })
})
