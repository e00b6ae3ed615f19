import { feathers } from '@feathersjs/feathers'
import { ConfigurationError, DistributedModule, MemoryNetwork, type DistributedModuleOptions } from 'feathers-mesh'
import { memoryMesh } from '../memory-mesh'

const mesh = memoryMesh()

interface Todos { get (id: number): Promise<string> }

async function host (key: string, says = key): Promise<DistributedModule> {
  const app = feathers()
  app.use('todos', { get: async () => says })
  return await mesh.start({ app, key })
}

function faultsOf (remotes: unknown): readonly string[] {
  try {
    DistributedModule.forRoot({
      transport: new MemoryNetwork().transport(), remotes: remotes as DistributedModuleOptions['remotes']
    })
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults
    throw error
  }
  return []
}

describe('remotes with a path and a key', () => {
  it('are called at nodes of that key only, also while these restart', async () => {
    jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const honest = await host('app', 'honest')
    const consumer = await mesh.start({ key: 'consumer', remotes: [{ path: 'todos', key: 'app' }], timeout: 2_000 })
    const todos = consumer.remote<Todos>('todos')
    expect(await todos.get(1)).toBe('honest')
    await host('evil')
    await honest.stop()
    await expect(consumer.remote<Todos>('todos').with({ timeout: 50 }).get(1)).rejects.toThrow('todos')
    const waiting = todos.get(1)
    await host('app', 'honest again')
    expect(await waiting).toBe('honest again')
    jest.restoreAllMocks()
  })

  it('are waited for at the start, as other remotes are', async () => {
    jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    await host('evil')
    const consumer = mesh.node({ key: 'consumer', remotes: [{ path: 'todos', key: 'app' }], timeout: 50 })
    await expect(consumer.start()).rejects.toThrow('todos')
    jest.restoreAllMocks()
  })

  it('may stand beside classes and other paths', () => {
    expect(faultsOf(['clocks', { path: '/todos/', key: 'app' }, { path: 'todos', key: 'app' }])).toEqual([])
  })

  it.each([
    [[{ path: 'todos' }]], [[{ key: 'app' }]], [[{ path: '', key: 'app' }]], [[{ path: 'todos', key: '' }]],
    [[{ path: 'todos', key: 7 }]], [[{ path: 'todos', key: 'app', keys: ['app'] }]], [[['todos', 'app']]], [[null]]
  ])('are refused when they are %j', remotes => {
    expect(faultsOf(remotes)).toEqual([expect.stringContaining("option 'remotes' is wrong: remotes must be a list")])
  })

  it('are refused where two keys are named for one path, and where no service can be at the path', () => {
    expect(faultsOf([{ path: 'todos', key: 'app' }, { path: '/todos', key: 'other' }]))
      .toEqual([expect.stringContaining("option 'remotes' names two keys for 'todos', 'app' and 'other'")])
    expect(faultsOf([{ path: 'a//b', key: 'app' }])).toEqual([expect.stringContaining("option 'remotes' names 'a//b'")])
  })
})
