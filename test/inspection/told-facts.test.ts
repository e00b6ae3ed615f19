/** What a node tells of itself beside its figures, and to whom. */
import { Distributed, DistributedMethod, type DistributedModule, type DistributedModuleOptions } from 'feathers-mesh'
import { MeshObserver } from '../../lib/inspection/observer/observer'
import type { NodeReport } from '../../lib/inspection/node-report'
import { idOf, memoryMesh } from '../memory-mesh'
import { silentLogger } from '../silent-logger'
import { stoppedAfterEach } from '../stopped-after-each'
import { until } from '../until'

/** What a function of the program throws: texts of databases name users, and more. */
const THROWN = 'no role "ada" at db.internal'

@Distributed({ path: 'vault', allow: () => { throw new Error(THROWN) } })
class Vault {
  @DistributedMethod()
  async open (): Promise<number> {
    return 7
  }
}

const mesh = memoryMesh()
const observers = stoppedAfterEach<MeshObserver>()

/** A node whose program has thrown, and that was refused what it called. */
async function troubled (options: DistributedModuleOptions = {}): Promise<DistributedModule> {
  const node = await mesh.start({
    services: [Vault], key: 'bank', name: 'bank', timeout: 4_000, logger: silentLogger, ...options
  })
  const caller = await mesh.start({ remotes: ['vault'], name: 'caller' })
  await expect(caller.remote<Vault>('vault').open()).rejects.toThrow('is not allowed')
  expect(JSON.stringify(node.inspect().warnings)).toContain('db.internal')
  return node
}

async function ask (node: DistributedModule, key: string): Promise<NodeReport | undefined> {
  const observer = new MeshObserver(mesh.transport(), { key })
  observers.push(observer)
  await observer.start()
  await until('the observer to see a node', () => observer.nodes.some(({ id }) => id === idOf(node)))
  return await observer.inspect(idOf(node))
}

const codesOf = (report: NodeReport | undefined): string[] | undefined => report?.warnings.map(({ code }) => code)

describe('what a node tells of itself', () => {
  it('reaches a node of another key without what the program of this one threw', async () => {
    const node = await troubled()
    const told = await ask(node, 'stranger')
    expect(told).toMatchObject({
      name: 'bank', options: { timeout: 4_000 }, peers: [{ name: 'caller' }], unreachable: [],
      refusals: { forbidden: 1 }, services: [{ path: 'vault', methods: ['open'] }], served: []
    })
    expect(codesOf(node.inspect())).toEqual(expect.arrayContaining(['FEATHERS_MESH_FUNCTION', 'FEATHERS_MESH_REFUSED']))
    expect(codesOf(told)).toContain('FEATHERS_MESH_REFUSED')
    expect(JSON.stringify(told)).not.toContain('db.internal')
  })

  it('reaches a node of its own key as the program itself has it', async () => {
    const node = await troubled()
    expect((await ask(node, 'bank'))?.warnings).toEqual(node.inspect().warnings)
  })

  it('reaches a key that the option names as the program itself has it, and other keys not at all', async () => {
    const node = await troubled({ inspect: ['ops'] })
    expect((await ask(node, 'ops'))?.warnings).toEqual(node.inspect().warnings)
    await expect(ask(node, 'bank')).rejects.toThrow('is not allowed')
  })
})
