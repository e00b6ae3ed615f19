import { feathers } from '@feathersjs/feathers'
import {
  Distributed, DistributedEvent, DistributedMethod, DistributedModule, InjectRemote, type RemoteService,
  type ServiceEvent
} from 'feathers-mesh'
import {
  container as globalContainer, inject, injectable, Lifecycle, scoped, singleton, type Disposable, type InjectionToken
} from 'tsyringe'
import { REMOTE_SOURCE } from '../../lib/decorators/remote-injection'
import { memoryMesh } from '../memory-mesh'
import { rejection } from '../until'

const mesh = memoryMesh()

@Distributed('reports')
class Reports {
  @DistributedEvent() readonly done!: ServiceEvent<string>
  @DistributedMethod({ data: Object }) async create (data: object): Promise<object> { return data }
  @DistributedMethod()
  async find (): Promise<string[]> {
    this.done.emit('found')
    return ['a report']
  }
}

@Distributed('unbuildable')
class Unbuildable {
  constructor (@inject('nobody registered this') readonly missing: object) {}
  @DistributedMethod() async find (): Promise<void> {}
}

@injectable()
class Page {
  constructor (@InjectRemote('reports') readonly reports: RemoteService<Reports>) {}
}

const MODULE = DistributedModule as never

describe('a container passed to a forRoot that throws', () => {
  it('stays unchanged', () => {
    const container = globalContainer.createChildContainer()
    expect(() => mesh.node({ container, services: [Reports, Unbuildable] })).toThrow('Unbuildable')
    const tokens: Array<InjectionToken<object>> = [REMOTE_SOURCE, Reports, MODULE]
    expect(tokens.filter(token => container.isRegistered(token))).toEqual([])
    expect(container.resolve(Reports)).not.toBe(container.resolve(Reports))
    expect(() => container.resolve(Page)).toThrow('no node is in')
    const node = mesh.node({ container, services: [Reports] })
    expect(container.resolve(MODULE)).toBe(node)
  })

  it('keeps the node that it had', async () => {
    const container = globalContainer.createChildContainer()
    const node = await mesh.start({ container, services: [Reports] })
    expect(() => mesh.node({ container, services: [Unbuildable] })).toThrow('which has not stopped')
    await node.stop()
    expect(() => mesh.node({ container, services: [Unbuildable] })).toThrow('Unbuildable')
    expect(container.resolve(MODULE)).toBe(node)
    await node.start()
    expect(await container.resolve(Page).reports.find()).toEqual(['a report'])
  })
})

describe('a container that has a node', () => {
  it('refuses a second node, started or not, and names the remedy', () => {
    const container = globalContainer.createChildContainer()
    mesh.node({ container })
    expect(() => mesh.node({ container })).toThrow(/option 'container' has a node already.*createChildContainer\(\)/)
    mesh.node({ container: container.createChildContainer() })
  })

  it.each<[string, (node: DistributedModule) => Promise<unknown>]>([
    ['stop() of the first', async node => { await node.stop() }],
    ['the teardown of its app', async node => await node.app.teardown()]
  ])('accepts another node with the same services after %s', async (_how, stop) => {
    const container = globalContainer.createChildContainer()
    const first = mesh.node({ container, services: [Reports], app: feathers() })
    const calls = jest.fn()
    first.app.service('reports').hooks({ before: { all: [calls] } })
    await first.app.setup()
    await stop(first)

    const second = await mesh.start({ container, services: [Reports] })
    const consumer = await mesh.start({ remotes: ['reports'] })
    const heard = new Promise(resolve => consumer.remote(Reports).on('done', resolve))
    expect(await consumer.remote(Reports).find()).toEqual(['a report'])
    expect(await heard).toBe('found')
    expect(container.resolve(MODULE)).toBe(second)
    expect(await container.resolve(Page).reports.find()).toEqual(['a report'])
    // Nothing of the first app is left on the service.
    expect(calls).not.toHaveBeenCalled()
    await expect(first.start()).rejects.toThrow('another one is in its container now')
  })

  it('accepts another node without services after the first has stopped', async () => {
    const container = globalContainer.createChildContainer()
    const first = await mesh.start({ container, services: [Reports] })
    await first.stop()
    const second = await mesh.start({ container })
    const error = await rejection(second.resolve(Page).reports.with({ timeout: 20 }).find())
    expect(error.message).toContain("'reports' has never been seen")
  })

  it('keeps the node and its services when clearInstances() is called', async () => {
    const container = globalContainer.createChildContainer()
    const node = await mesh.start({ container, services: [Reports] })
    const service = container.resolve(Reports)
    container.clearInstances()
    expect(await container.resolve(Page).reports.find()).toEqual(['a report'])
    expect(container.resolve(Reports)).toBe(service)
    expect(container.resolve(MODULE)).toBe(node)
  })

  it('provides remotes to its child containers', async () => {
    const container = globalContainer.createChildContainer()
    await mesh.start({ container, services: [Reports] })
    expect(await container.createChildContainer().resolve(Page).reports.find()).toEqual(['a report'])
  })

  it('shares container-scoped instances with the services', () => {
    @scoped(Lifecycle.ContainerScoped)
    class Unit {}
    @Distributed('units')
    class Units {
      constructor (readonly unit: Unit) {}
      @DistributedMethod() async find (): Promise<void> {}
    }
    const container = globalContainer.createChildContainer()
    mesh.node({ container, services: [Units] })
    expect(container.resolve(Units).unit).toBe(container.resolve(Unit))
  })

  it('disposes of the dependencies of its services when it is disposed of', async () => {
    const disposed = jest.fn()
    @injectable()
    class Connection implements Disposable {
      dispose (): void { disposed() }
    }
    @Distributed('connections')
    class Connections {
      constructor (readonly connection: Connection) {}
      @DistributedMethod() async find (): Promise<void> {}
    }
    const container = globalContainer.createChildContainer()
    mesh.node({ container, services: [Connections] })
    await container.dispose()
    expect(disposed).toHaveBeenCalledTimes(1)
    expect(() => mesh.node({ container })).toThrow("option 'container' can't be used: This container has been disposed")
  })

  it('disposes of what its services hold after the node that built them has stopped and others followed', async () => {
    const disposed = jest.fn()
    @injectable()
    class Session implements Disposable {
      dispose (): void { disposed() }
    }
    @Distributed('sessions')
    class Sessions {
      constructor (readonly session: Session) {}
      @DistributedMethod() async find (): Promise<void> {}
    }
    const container = globalContainer.createChildContainer()
    for (let n = 0; n < 3; n++) {
      const node = mesh.node({ container, services: [Sessions] })
      await node.start()
      await node.stop()
    }
    await container.dispose()
    expect(disposed).toHaveBeenCalledTimes(1)
  })

  it('keeps no more of nodes that have stopped than what it has to dispose of', async () => {
    @Distributed('plain')
    class Plain {
      @DistributedMethod() async find (): Promise<void> {}
    }
    const container = globalContainer.createChildContainer()
    // Where tsyringe keeps what it disposes of, which its type hides.
    const { disposables } = container as unknown as { readonly disposables: ReadonlySet<Disposable> }
    const builders = (): number => {
      const [{ builders: kept }] = disposables as unknown as Array<{ readonly builders: ReadonlySet<unknown> }>
      return kept.size
    }
    for (let n = 0; n < 5; n++) {
      const node = mesh.node({ container, services: [Plain] })
      await node.start()
      await node.stop()
      expect([disposables.size, builders()]).toEqual([1, 1])
    }
  })
})

describe('a service object shared by several nodes', () => {
  @singleton()
  @Distributed('single')
  class Single {
    @DistributedMethod({ id: Number }) async get (id: number): Promise<unknown> { return id }
  }

  it('serves nodes one after the other, each with a container of its own', async () => {
    for (let n = 0; n < 3; n++) {
      const node = await mesh.start({ container: globalContainer.createChildContainer(), services: [Single] })
      const consumer = await mesh.start({ remotes: [Single] })
      expect(await consumer.remote(Single).get('7' as never)).toBe(7)
      await consumer.stop()
      await node.stop()
    }
  })

  it('is refused for a second node while the first one uses it', async () => {
    const node = mesh.node({ services: [Single] })
    expect(() => mesh.node({ services: [Single] })).toThrow('Single is one object for two apps')
    await node.stop()
    mesh.node({ services: [Single] })
  })
})

describe('a remote injected without a node', () => {
  it.each([['the global container', globalContainer], ['a child of it', globalContainer.createChildContainer()]])(
    'fails by %s, in an error that names the remedy', (_which, container) => {
      mesh.node({ services: [Reports] })
      const resolve = (): unknown => container.resolve(Page)
      expect(resolve).toThrow("remote service 'reports' is asked of a container that no node is in: resolve by the " +
        'node, mesh.resolve(Dashboard), or give the node this container, or one above it, and before this: ' +
        'DistributedModule.forRoot({ container })')
      expect(resolve).not.toThrow(/Symbol/)
    })
})

describe('a container of another copy of tsyringe', () => {
  it('is refused with an error that names the cause', () => {
    let other: { container: typeof globalContainer } | undefined
    jest.isolateModules(() => { other = jest.requireActual('tsyringe') })
    const container = other?.container
    expect(container).not.toBe(globalContainer)
    expect(() => mesh.node({ container })).toThrow(/option 'container' is of a copy of .*two copies of tsyringe/)
  })
})
