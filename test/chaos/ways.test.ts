import type { TestProcess } from '../process'
import { play } from './history/play'
import type { Fault, FaultKind, Schedule } from './history/schedule'
import { ways, type Met } from './meetings'
import { answers, MeshProcesses, nodesToBe, twice, type LoadReport } from './mesh-processes'

jest.setTimeout(60_000)

const NAMES = ['A', 'B']
const ALL = ['find', 'get', 'create', 'update', 'patch', 'remove', 'read', 'write']

/** Faults of the replicas by their numbers, or of the server. */
function scheduleOf (...faults: ReadonlyArray<readonly [kind: FaultKind, index: number]>): Schedule {
  const faultOf = ([kind, index]: readonly [FaultKind, number]): Fault =>
    ({ kind, after: 300, target: { role: 'replica', index }, amount: 0 })
  return { seed: 7, hasSecret: false, isApart: false, faults: faults.map(faultOf) }
}

let met: Met | undefined

// Behind those of the processes, which would say that it is lost.
afterEach(async () => {
  await met?.end()
  met = undefined
})

// A list has no server: the others are below, with events.
describe.each(ways.filter(([name]) => name === 'a list'))('replicas that meet by %s', (_name, make) => {
  const mesh = new MeshProcesses()

  it('fail no idempotent call when they are killed, and answer every call once when they are restarted', async () => {
    const { optionsOf } = met = await make(3)
    const host = async (n: number): Promise<TestProcess> => await mesh.startHost(NAMES[n], optionsOf(n))
    const hosts = await Promise.all([host(0), host(1)])
    const consumer = await mesh.startConsumer(optionsOf(2))
    await nodesToBe(consumer, hosts)
    await consumer.ask('startLoad', { methods: ['find', 'get', 'read'], callers: 32 })
    for (const n of hosts.keys()) {
      await answers(consumer, NAMES)
      await hosts[n].kill()
      await answers(consumer, [NAMES[1 - n]])
      hosts[n] = await host(n)
    }
    await answers(consumer, NAMES)
    expect((await consumer.ask<LoadReport>('stopLoad')).failures).toEqual([])
    await nodesToBe(consumer, hosts)

    const before = mesh.runs.length
    await consumer.ask('startLoad', { methods: ALL, callers: 32 })
    for (const n of hosts.keys()) {
      await answers(consumer, NAMES, { more: 20 })
      expect(await hosts[n].stop()).toBe(0)
      hosts[n] = await host(n)
    }
    await answers(consumer, NAMES, { more: 20 })
    const { answered, failures } = await consumer.ask<LoadReport>('stopLoad')
    expect(failures).toEqual([])
    const runs = mesh.runs.slice(before)
    expect(twice(runs)).toEqual([])
    expect(runs).toHaveLength(Object.keys(answered).length)
    await nodesToBe(consumer, hosts)
  })
})

/** Three replicas, two callers. */
const NODES = 5
/** Enough for faults to meet calls, and little enough that processes start in a fraction of the time. */
const LIGHT = { concurrency: 2 }

const KILLED = scheduleOf(['kill', 0], ['server', 0], ['restart', 1])
const RESTARTED = scheduleOf(['restart', 0], ['restart', 1], ['restart', 2])

const withServers = ways.filter(([name]) => name !== 'a list')

describe.each(withServers)('calls and events of replicas that meet by %s', (_name, make) => {
  it('keep all promises while replicas are killed and restarted, and the server too', async () => {
    met = await make(NODES)
    const { counts, ...played } = await play(KILLED, { ...met, ...LIGHT })
    expect(played).toEqual({ violations: [], failedReads: [] })
    // Otherwise nothing was shown.
    expect(Math.min(counts.answered, counts.heard)).toBeGreaterThan(100)
    expect(counts.gap).toBeGreaterThan(0)
  })
})

const onNats = ways.filter(([name]) => name === 'NATS')
const describeOnNats = onNats.length > 0 ? describe : describe.skip

describeOnNats('replicas on NATS that are restarted one after another', () => {
  it('fail no call and lose no event', async () => {
    met = await onNats[0][1](NODES)
    const { counts, ...played } = await play(RESTARTED, { ...met, ...LIGHT })
    // Of such a schedule, each failure and each lost event is a violation.
    expect(played).toEqual({ violations: [], failedReads: [] })
    expect(counts.failed).toBe(0)
    expect(Math.min(counts.answered, counts.heard)).toBeGreaterThan(100)
  })
})
