import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestProcess } from '../process'
import type { CallReport } from '../processes/interop/call-load'
import { answers, InteropMesh, knows, NEW, OLD_PLUGINS } from './interop-mesh'
import { RestLoad } from './rest-load'

// Many processes start here, on whatever machine this is.
jest.setTimeout(60_000)

const document = readFileSync(join(__dirname, '../../docs/migrating.md'), 'utf8')

/** The titles of the document's steps: when they change, what is done here has to follow. */
const steps = [...document.matchAll(/^\d\. \*\*(.+?)\*\*/gm)].map(([, title]) => title)

/**
 * An old mesh becomes a new one as docs/migrating.md says. What old nodes lose by themselves is nothing here,
 * because the steps go round it: a call that is under way on an old replica when it closes (it is drained before),
 * a call that an old gateway has sent to a replica that goes (it is replaced before), and a call of an old node to
 * a node that does not host the path (keys differ). So whatever is lost is lost by us, and it has to be nothing.
 */
describe.each(OLD_PLUGINS)('the steps of docs/migrating.md, on a gateway and two replicas of %s', (_version, OLD) => {
  const mesh = new InteropMesh()
  const methods = ['find', 'get', 'create']
  const replica = { key: 'notes', paths: ['notes'] }
  let gateway: TestProcess
  let replicas: Record<'A' | 'B', TestProcess>
  let consumer: TestProcess
  let rest: RestLoad | undefined

  const load = (): RestLoad => {
    if (rest === undefined) throw new Error('the load has not begun')
    return rest
  }

  const urlOf = async (node: TestProcess): Promise<string> => `http://127.0.0.1:${await node.ask<number>('listen')}`

  /** Both the clients of the gateway and the consumer node get answers of all these nodes. */
  async function answered (...names: string[]): Promise<void> {
    await Promise.all([load().answered(names), answers(consumer, names)])
  }

  async function drained (old: TestProcess, ...others: string[]): Promise<void> {
    await old.ask('drain', 'notes')
    let before: unknown
    // No call has come to it while each caller made many: they all look elsewhere, and what it had is done.
    await old.until('a replica without calls', async () => {
      const now = JSON.stringify(await old.ask('counts', 'notes'))
      const idle = now === before
      before = now
      if (!idle) await answered(...others)
      return idle
    })
  }

  beforeAll(async () => {
    const [a, b, first, second] = await Promise.all([
      mesh.node('old A', OLD, replica),
      mesh.node('old B', OLD, replica),
      mesh.node('old gateway', OLD, { key: 'gateway' }),
      mesh.node('consumer', NEW, { key: 'consumer' })
    ])
    replicas = { A: a, B: b }
    gateway = first
    consumer = second
    await Promise.all([knows(gateway, 'notes'), knows(consumer, 'notes')])
    rest = new RestLoad(await urlOf(gateway))
    await consumer.ask('startLoad', methods)
    await answered('old A', 'old B')
  })

  afterEach(async () => {
    const { failures } = await consumer.ask<CallReport>('load')
    expect({ rest: load().failures, consumer: failures }).toEqual({ rest: [], consumer: [] })
  })

  afterAll(async () => {
    await rest?.stop()
    await mesh.end()
  })

  it('equal those in this test', () => {
    expect(steps).toEqual([
      'Take stock.', 'Callers first.', 'Then the hosts, one replica at a time.', 'Look at the health route', 'Clean up'
    ])
  })

  it('first move clients to a new gateway beside the old one, which is stopped', async () => {
    const next = await mesh.node('new gateway', NEW, { key: 'gateway' })
    await knows(next, 'notes')
    await load().moveTo(await urlOf(next))
    expect(await gateway.stop()).toBe(0)
    gateway = next
    await answered('old A', 'old B')
  })

  it.each([
    ['A', 'old B'], ['B', 'new A']
  ] as const)('then drain and stop the old replica %s and start a new one in its place', async (
    name, other
  ) => {
    await drained(replicas[name], other)
    expect(await replicas[name].stop()).toBe(0)
    await answered(other)
    replicas[name] = await mesh.node(`new ${name}`, NEW, replica)
    await answered(`new ${name}`, other)
  })

  it('let the health route of the new gateway report the service', async () => {
    await load().stop()
    const port = new URL(load().target).port
    const answer = await fetch(`http://127.0.0.1:${port}/distribution/healthcheck/notes`)
    expect([answer.status, await answer.json()]).toEqual([200, { notes: true }])
  })

  it('leave no old node behind', async () => {
    rest = new RestLoad(load().target)
    await answered('new A', 'new B')
    expect(Object.keys(load().answers).sort()).toEqual(['new A', 'new B'])
  })

  it('finally replace a replica by a decorated one, without draining', async () => {
    await mesh.decorated('decorated B', 'notes')
    await answered('decorated B')
    expect(await replicas.B.stop()).toBe(0)
    await answered('new A', 'decorated B')
  })
})
