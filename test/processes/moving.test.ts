import { TestProcesses, type TestProcess } from '../process'
import { until } from '../until'
import { hasNats, NatsServer } from '../transport/nats/nats-server'
import type { Count } from './moving/tally'

// Many processes start here, on whatever machine this is.
jest.setTimeout(240_000)

/** How many callers there are in each of two processes. */
const LOAD = '4'

const describeWithNats = hasNats ? describe : describe.skip

const numberOf = (name: string): number => Number(name.split('-')[1])

/** What a caller tells at its end. */
interface Told {
  /** How many calls each of its callers made. */
  readonly sent: readonly number[]
  readonly failures: readonly unknown[]
  readonly gaps: ReadonlyArray<{ readonly missed?: number }>
  readonly heard: readonly Count[]
}

interface Node {
  readonly name: string
  /** Which one it is of all that were started. */
  readonly number: number
  readonly process: TestProcess
}

describeWithNats('a mesh that moves', () => {
  const processes = new TestProcesses()
  let server: NatsServer
  beforeAll(async () => { server = await NatsServer.start() })
  afterAll(async () => await server.stop())

  let started = 0
  /** How many calls each host ran in all. */
  const ran = new Map<string, number>()

  async function start (program: 'host' | 'caller', transport: string, env: NodeJS.ProcessEnv = {}): Promise<Node> {
    const number = ++started
    const name = `${program}-${number}`
    const process = await processes.run(`moving/${program}`, { NAME: name, MESH_TRANSPORT: transport, ...env })
    await process.ask('start')
    return { name, number, process }
  }

  /** Stops a caller, which tells what it heard and how its calls ended. */
  async function told ({ process }: Node): Promise<Told> {
    expect(await process.stop()).toBe(0)
    // A long report may come after the end of the process.
    return await until('its report', () => process.told<Told>('stopped')[0])
  }

  /** The counts of each host that were heard, in their order. */
  function byHost ({ heard }: Told): Map<string, number[]> {
    const counts = new Map<string, number[]>()
    for (const { host, count } of heard) counts.set(host, [...counts.get(host) ?? [], count])
    return counts
  }

  async function hears ({ process }: Node, hosts: readonly Node[]): Promise<void> {
    await process.until('an event of each host', async () => {
      const heard = await process.ask<string[]>('hosts')
      return hosts.every(({ name }) => heard.includes(name))
    })
  }

  /** Stops a host, which tells how many calls it ran. */
  async function countOf ({ name, process }: Node): Promise<void> {
    expect(await process.stop()).toBe(0)
    ran.set(name, await until('its count', () => process.told<number>('stopped')[0]))
  }

  /**
   * A host that has started may run a call before a listener has found it: of those events it is told how many they
   * are, and of no others, as none but them is missing.
   */
  function checkGaps ({ number }: Node, report: Told): void {
    const late = [...byHost(report)].filter(([host]) => numberOf(host) > number)
    const unheard = late.map(([, [first]]) => first - 1)
    const missed = report.gaps.map(gap => gap.missed)
    expect([...missed].sort()).toEqual(unheard.filter(count => count > 0).sort())
  }

  const sequence = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, n) => from + n)

  /** Replaces a host: the new one is there before the old one leaves. */
  async function replaceHost (old: Node, transport: string, listeners: readonly Node[]): Promise<Node> {
    const next = await start('host', transport)
    for (const listener of listeners) await hears(listener, [next])
    await countOf(old)
    return next
  }

  /** Replaces a caller. It must have had no failed call, and each event of a host from the first one on. */
  async function replaceCaller (old: Node, transport: string, hosts: readonly Node[]): Promise<Node> {
    const next = await start('caller', transport, { LOAD })
    await hears(next, hosts)
    await checkCaller(old, hosts)
    return next
  }

  async function checkCaller (caller: Node, hosts: readonly Node[]): Promise<void> {
    const least = await Promise.all(hosts.map(async ({ process }) => await process.ask<number>('count')))
    const report = await told(caller)
    expect(report.failures).toEqual([])
    checkGaps(caller, report)
    expect(report.sent.filter(calls => calls > 0)).toHaveLength(Number(LOAD))
    const heard = byHost(report)
    for (const [host, counts] of heard) expect([host, counts]).toEqual([host, sequence(counts[0], counts.at(-1) ?? 0)])
    for (const [at, { name }] of hosts.entries()) expect(heard.get(name)?.at(-1)).toBeGreaterThanOrEqual(least[at])
  }

  it('to NATS and back by rolls loses no call of eight callers, and no event of a host that was found', async () => {
    const both = `cote ${server.url}`
    // A caller waits for a host when it starts.
    let hosts = [await start('host', 'cote'), await start('host', 'cote')]
    const watcher = await start('caller', both)
    let callers = [await start('caller', 'cote', { LOAD }), await start('caller', 'cote', { LOAD })]
    for (const listener of [watcher, ...callers]) await hears(listener, hosts)
    for (const transport of [both, server.url, both, 'cote']) {
      const listeners = (): Node[] => [watcher, ...callers]
      hosts = [await replaceHost(hosts[0], transport, listeners()), hosts[1]]
      hosts = [hosts[0], await replaceHost(hosts[1], transport, listeners())]
      callers = [await replaceCaller(callers[0], transport, hosts), callers[1]]
      callers = [callers[0], await replaceCaller(callers[1], transport, hosts)]
    }
    for (const caller of callers) await checkCaller(caller, hosts)
    for (const node of hosts) {
      await countOf(node)
    }
    const report = await told(watcher)
    checkGaps(watcher, report)
    const heard = byHost(report)
    expect([...heard.keys()].sort()).toEqual([...ran.keys()].sort())
    for (const [host, counts] of heard) {
      expect([host, counts]).toEqual([host, sequence(counts[0], ran.get(host) ?? 0)])
    }
  })
})
