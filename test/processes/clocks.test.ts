import { TestProcesses, type TestProcess } from '../process'
import { FakedClock, whyNoFakedClock } from './faked-clock'

// Each step of a clock takes its time, on whatever machine this is.
jest.setTimeout(180_000)

interface Ran { readonly jobs: number, readonly late: readonly number[], readonly wrongDeadlines: readonly number[] }
interface Load { readonly calls: number, readonly failures: readonly string[] }

const clock = new FakedClock()
const whyNot = whyNoFakedClock()
if (whyNot !== undefined) console.warn(`clocks can't be set here: ${whyNot}`)
const describeWhere = whyNot === undefined ? describe : describe.skip

const STEPS = [3, -3, 5, -5, 3_600, -3_600]

const meshes: ReadonlyArray<[what: string, options: object]> = [
  ['an open mesh', {}], ['a mesh with a secret', { secret: 'a secret that only the nodes of this test have' }]
]

const processes = new TestProcesses()

beforeEach(() => clock.step(0))
afterAll(() => clock.remove())

async function start (name: string, options: object, env: NodeJS.ProcessEnv = {}): Promise<TestProcess> {
  const node = await processes.run('clock-node', { ...env, NODE_NAME: name, MESH_OPTIONS: JSON.stringify(options) })
  await node.ask('start')
  return node
}

/** Waits for further calls of the load. */
async function furtherCalls (caller: TestProcess, more = 100): Promise<void> {
  const { calls } = await caller.ask<Load>('load')
  await caller.until(`${more} more calls`, async () => (await caller.ask<Load>('load')).calls >= calls + more)
}

describeWhere.each(meshes)('on %s, the clock of a node that is set', (_what, options) => {
  it.each(['host', 'caller'])('fails no call, and lets none run late, if it is that of the %s', async who => {
    const envOf = (name: string): NodeJS.ProcessEnv => name === who ? clock.env : {}
    const [host, caller] = await Promise.all([
      start('host', options, envOf('host')),
      start('caller', { ...options, remotes: ['plain', 'decorated'] }, envOf('caller'))
    ])
    const stepped = who === 'host' ? host : caller
    await caller.ask('startLoad')
    await furtherCalls(caller)
    for (const step of STEPS) {
      const underWay = caller.ask('call', { path: 'plain', takes: 300, timeout: 10_000 })
      clock.step(step)
      await stepped.until(`a clock that is ${step} s ahead`, async () =>
        Math.abs(await stepped.ask<number>('wall') - Date.now() - step * 1_000) < 1_000)
      await furtherCalls(caller)
      expect(await underWay).toBe('host')
    }
    expect((await caller.ask<Load>('stopLoad')).failures).toEqual([])
    expect((await host.ask<Ran>('ran')).late).toEqual([])
  })
})

describeWhere('the deadline that a service reads', () => {
  it('is in the wall clock of its machine, however that is set while the node runs', async () => {
    const host = await start('host', {}, clock.env)
    const caller = await start('caller', { remotes: ['plain', 'decorated'] })
    for (const step of STEPS) {
      clock.step(step)
      for (const path of ['plain', 'decorated']) await caller.ask('call', { path, takes: 1, timeout: 5_000 })
    }
    expect((await host.ask<Ran>('ran')).wrongDeadlines).toEqual([])
  })
})

describe('a host that is stopped for longer than its callers wait', () => {
  it.each(['plain', 'decorated'])('runs none of their calls when it goes on, of a service that is %s', async path => {
    const host = await start('host', {})
    const caller = await start('caller', { remotes: ['plain', 'decorated'] })
    await caller.ask('call', { path, takes: 1, timeout: 5_000 })
    const { jobs } = await host.ask<Ran>('ran')
    host.signal('SIGSTOP')
    const calls = Array.from({ length: 20 }, async () => await caller.try('call', { path, takes: 1, timeout: 300 }))
    for (const outcome of await Promise.all(calls)) expect(outcome).toMatchObject({ error: { name: 'Timeout' } })
    host.signal('SIGCONT')
    await caller.ask('call', { path, takes: 1, timeout: 20_000 })
    expect(await host.ask<Ran>('ran')).toMatchObject({ jobs: jobs + 1, late: [] })
  })
})
