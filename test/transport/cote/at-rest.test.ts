import type { DistributedModule } from 'feathers-mesh'
import { MeshPeer } from '../../../lib/transport/cote/outbound/mesh-peer'
import { CoteMesh } from '../../security/mesh-of'
import type { TodoService } from '../../todo-service'
import { until } from '../../until'

/** Milliseconds between two looks: at connections, for silent peers that hold calls, and for hellos of another time. */
const LOOK = 1_000
const SILENCE_LOOK = 375
const HINTS_LOOK = 250

describe('a node at rest', () => {
  const mesh = new CoteMesh()
  const running = new Map<unknown, number | undefined>()
  const { setInterval, clearInterval } = globalThis

  beforeEach(() => {
    jest.spyOn(globalThis, 'setInterval').mockImplementation((...args) => {
      const timer = setInterval(...args)
      running.set(timer, args[1])
      return timer
    })
    jest.spyOn(globalThis, 'clearInterval').mockImplementation(timer => {
      running.delete(timer)
      clearInterval(timer)
    })
  })

  afterEach(async () => {
    jest.restoreAllMocks()
    await mesh.end()
  })

  const intervals = (): Array<number | undefined> => [...running.values()]

  it('looks at connections only while it has any, and for old hellos only while there are some', async () => {
    await mesh.host()
    const todos = await mesh.consumer({ cote: { idleTimeout: 100 } })
    await todos.find()
    expect(intervals()).toEqual(expect.arrayContaining([LOOK, SILENCE_LOOK]))
    await until('the connection to be closed', () => !intervals().includes(LOOK))
    await until('the last look for silence', () => !intervals().includes(SILENCE_LOOK))
    expect(intervals()).not.toContain(HINTS_LOOK)
    expect(await todos.find()).toEqual([])
    expect(intervals()).toEqual(expect.arrayContaining([LOOK, SILENCE_LOOK]))
  })

  it('looks at those nodes alone that it has connections to', async () => {
    const looked = jest.spyOn(MeshPeer.prototype, 'checkAlive')
    const listened = jest.spyOn(MeshPeer.prototype, 'checkSilence')
    const host = await mesh.host()
    const others = await Promise.all([1, 2, 3].map(async n => await mesh.node({ key: `other-${n}` })))
    const node = await mesh.node({ key: 'caller', remotes: ['todos'] })
    await until('all nodes to be known', () => node.nodes().length === 5)
    await node.remote<TodoService>('todos').find()
    await until('some looks', () => looked.mock.calls.length > 2 && listened.mock.calls.length > 2)
    const ids = new Set([...looked.mock.contexts, ...listened.mock.contexts].map(peer => (peer as MeshPeer).id))
    const idOf = (each: DistributedModule): string | undefined => each.nodes().find(({ local }) => local)?.id
    expect(ids).toContain(idOf(host))
    for (const other of others) expect(ids).not.toContain(idOf(other))
  })
})
