import { feathers } from '@feathersjs/feathers'
import {
  Distributed, DistributedEvent, DistributedMethod, type DistributedModule, type ServiceEvent
} from 'feathers-mesh'
import type { NodeReport } from '../../lib/inspection/node-report'
import { MeshObserver } from '../../lib/inspection/observer/observer'
import { OTHER } from '../../lib/inspection/path-table'
import { idOf, memoryMesh } from '../memory-mesh'
import { stoppedAfterEach } from '../stopped-after-each'
import { until } from '../until'

type Class = typeof Vault | typeof Letters

const mesh = memoryMesh()
const observers = stoppedAfterEach<MeshObserver>()

/** More names than a node tells apart: 1,000. */
const PATHS = Array.from({ length: 11 }, (_, n) => `wide${n}`)
const NAMES = Array.from({ length: 100 }, (_, n) => `name${n}`)

@Distributed({ path: 'vault' })
class Vault {
  @DistributedMethod({ allow: ['bank'] })
  async open (): Promise<number> { return 7 }
}

@Distributed({ path: 'letters' })
class Letters {
  @DistributedEvent({ allow: ['bank'] }) sealed!: ServiceEvent<number>

  @DistributedMethod()
  async find (): Promise<number[]> { return [] }
}

async function observe (key: string): Promise<MeshObserver> {
  const observer = new MeshObserver(mesh.transport(), { key })
  observers.push(observer)
  await observer.start()
  await until('the observer to see a node', () => observer.nodes.length > 0)
  return observer
}

/** A node with many names, of which all are called and sent. */
async function wideHost (...services: Class[]): Promise<DistributedModule> {
  const app = feathers()
  const service = Object.fromEntries(NAMES.map(name => [name, async () => []]))
  for (const path of PATHS) {
    // Its methods have no names that types know.
    app.use(path, service as object as { find: () => Promise<never[]> }, { methods: NAMES as ['find'], events: NAMES })
  }
  const node = await mesh.start({ app, services: [...PATHS, ...services] })
  const caller = await observe('bank')
  for (const path of PATHS) {
    await Promise.all(NAMES.map(async method => await caller.call({ path, method, params: {}, timeoutMs: 5_000 })))
    for (const name of NAMES) node.app.service(path).emit(name, 1)
  }
  return node
}

function others (report: Pick<NodeReport, 'served' | 'events'> | undefined): unknown {
  return {
    calls: report?.served.filter(({ path }) => path === OTHER).map(({ method, calls }) => [method, calls]),
    events: report?.events.filter(({ path }) => path === OTHER).map(({ event, sent }) => [event, sent])
  }
}

const ALL = { calls: [[OTHER, 100]], events: [[OTHER, 100]] }

async function told (node: DistributedModule, key: string): Promise<unknown> {
  return others(await (await observe(key)).inspect(idOf(node)))
}

describe('the figures of names beyond those that a node tells apart', () => {
  it('reach who may call and hear all that the node hosts, and the program itself', async () => {
    const node = await wideHost()
    expect(others(node.inspect())).toEqual(ALL)
    expect(await told(node, 'default')).toEqual(ALL)
  })

  it('stay hidden from who may not call one of the methods', async () => {
    const node = await wideHost(Vault)
    expect(await told(node, 'default')).toEqual({ calls: [], events: ALL.events })
    expect(await told(node, 'bank')).toEqual(ALL)
  })

  it('stay hidden from who may not hear one of the events', async () => {
    const node = await wideHost(Letters)
    expect(await told(node, 'default')).toEqual({ calls: ALL.calls, events: [] })
    expect(await told(node, 'bank')).toEqual(ALL)
  })
})
