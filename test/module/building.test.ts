import {
  ConfigurationError, Distributed, DistributedEvent, DistributedMethod, InjectRemote, type RemoteService,
  type ServiceEvent
} from 'feathers-mesh'
import { container as globalContainer, inject, injectable } from 'tsyringe'
import { memoryMesh } from '../memory-mesh'

const mesh = memoryMesh()

type AnyClass = abstract new (...args: never[]) => object

/** What hosting a class throws; `hosted` where it does not. */
function thrownFor (service: AnyClass, container = globalContainer.createChildContainer()): unknown {
  try {
    mesh.node({ services: [service], container })
    return 'hosted'
  } catch (error) {
    return error
  }
}

function faultFor (service: AnyClass): string {
  const error = thrownFor(service)
  expect(error).toBeInstanceOf(ConfigurationError)
  return (error as ConfigurationError).faults.join('\n')
}

/** Decorates a class as esbuild does: without the types of its parameters. */
function withoutTypes<T extends AnyClass> (service: T, path = 'untyped'): T {
  const find = { value: async () => [], configurable: true, writable: true }
  Object.defineProperty(service.prototype, 'find', find)
  DistributedMethod()(service.prototype as object, 'find', find)
  Distributed(path)(service as never)
  return service
}

class Repo {
  all (): string[] { return ['a'] }
}

describe('an error of a constructor', () => {
  const failure = new RangeError('DATABASE_URL is not set')

  it('stays the one that was thrown, by the service', () => {
    @Distributed('failing')
    class Failing {
      constructor () { throw failure }
      @DistributedMethod() async find (): Promise<string[]> { return [] }
    }
    expect(thrownFor(Failing)).toBe(failure)
  })

  it('stays the one that was thrown, by what the service needs, however deep', () => {
    @injectable()
    class Database {
      constructor () { throw failure }
    }
    @injectable()
    class Store {
      constructor (readonly database: Database) {}
    }
    @Distributed('failing')
    class Failing {
      constructor (readonly store: Store) {}
      @DistributedMethod() async find (): Promise<string[]> { return [] }
    }
    expect(thrownFor(Failing)).toBe(failure)
  })

  it.each([
    ['a text', 'no database'], ['undefined', undefined], ['an object', { code: 7 }]
  ])('may be %s', (_what, thrown) => {
    @injectable()
    class Database {
      // eslint-disable-next-line @typescript-eslint/only-throw-error
      constructor () { throw thrown }
    }
    @Distributed('failing')
    class Failing {
      constructor (readonly database: Database) {}
      @DistributedMethod() async find (): Promise<string[]> { return [] }
    }
    expect(thrownFor(Failing)).toBe(thrown)
  })

  it('stays the one that was thrown, by a factory', () => {
    @Distributed('failing')
    class Failing {
      constructor (@inject('database') readonly database: object) {}
      @DistributedMethod() async find (): Promise<string[]> { return [] }
    }
    const container = globalContainer.createChildContainer()
    container.register('database', { useFactory: () => { throw failure } })
    expect(thrownFor(Failing, container)).toBe(failure)
  })

  it('is no matter of injection where it only sounds like one', () => {
    const alike = new Error('Attempted to resolve unregistered dependency token: "elsewhere"')
    @Distributed('failing')
    class Failing {
      constructor () { throw alike }
      @DistributedMethod() async find (): Promise<string[]> { return [] }
    }
    expect(thrownFor(Failing)).toBe(alike)
  })

  it('is not an older one that a factory dealt with', () => {
    @Distributed('failing')
    class Failing {
      constructor (@inject('database') readonly database: object) { throw failure }
      @DistributedMethod() async find (): Promise<string[]> { return [] }
    }
    const container = globalContainer.createChildContainer()
    container.register('database', {
      useFactory: own => {
        try {
          return own.resolve<object>('missing')
        } catch {
          return {}
        }
      }
    })
    expect(thrownFor(Failing, container)).toBe(failure)
  })

  it('says where events can be emitted when it comes from one', () => {
    @Distributed('early')
    class Early {
      constructor () { this.done.emit('x') }
      @DistributedEvent() readonly done!: ServiceEvent<string>
      @DistributedMethod() async find (): Promise<string[]> { return [] }
    }
    expect(faultFor(Early)).toContain('Early: its constructor emits an event (done), and a service has its events ' +
      'when it is on its app: emit it in setup(), or in a method')
    expect((thrownFor(Early) as Error).cause).toBeInstanceOf(TypeError)
  })
})

describe('a constructor whose parameters have no types', () => {
  it('is refused with the line to write', () => {
    const fault = faultFor(withoutTypes(class Untyped {
      constructor (readonly repo: Repo) {}
    }))
    expect(fault).toMatch(/^Untyped can't be built.*left no types for its constructor \(esbuild and tsx never do\)/)
    expect(fault).toContain('write @inject(TheClass) before each parameter: #0 has none')
  })

  it('is refused when only some of them have tokens: the others would be undefined', () => {
    class Half {
      constructor (readonly repo: Repo, readonly other: Repo) {}
    }
    inject(Repo)(Half, undefined, 0)
    expect(faultFor(withoutTypes(Half))).toContain('#1 has none')
  })

  it('is refused when it is that of a base', () => {
    class Base {
      constructor (readonly repo: Repo) {}
    }
    expect(faultFor(withoutTypes(class Derived extends Base {}))).toContain('Derived can\'t be built')
  })

  it('is built when all have tokens', () => {
    class Full {
      constructor (readonly repo: Repo) {}
    }
    inject(Repo)(Full, undefined, 0)
    expect(thrownFor(withoutTypes(Full))).toBe('hosted')
  })

  it('is built when the class is registered in another way', () => {
    class Given {
      constructor (readonly repo: Repo) {}
    }
    withoutTypes(Given)
    const container = globalContainer.createChildContainer()
    container.register(Given, { useFactory: () => new Given(new Repo()) })
    expect(thrownFor(Given, container)).toBe('hosted')
  })

  it('is refused with the line to write for what the service needs, too', () => {
    class Deep {
      constructor (readonly repo: Repo) {}
    }
    injectable()(Deep)
    class Service {
      constructor (readonly deep: Deep) {}
    }
    inject(Deep)(Service, undefined, 0)
    expect(faultFor(withoutTypes(Service))).toMatch(/decorate Deep with @injectable\(\), and write @inject\(TheClass\)/)
  })
})

describe('what tsyringe does not know', () => {
  interface Store { all: () => string[] }

  it('is an interface: it says that there is no class, and what to write', () => {
    @Distributed('stored')
    class Stored {
      constructor (readonly store: Store) {}
      @DistributedMethod() async find (): Promise<string[]> { return this.store.all() }
    }
    expect(faultFor(Stored)).toMatch(/"store" at position #0.*an interface has no class at run time.*@inject\('token'\)/s)
  })

  it('is a class without a decorator', () => {
    class Bare {
      constructor (readonly repo: Repo) {}
    }
    @Distributed('stored')
    class Stored {
      constructor (readonly bare: Bare) {}
      @DistributedMethod() async find (): Promise<string[]> { return [] }
    }
    expect(faultFor(Stored)).toMatch(/decorate Bare with @injectable\(\)$/)
  })

  it('is a token that nobody registered', () => {
    @Distributed('stored')
    class Stored {
      constructor (@inject('repo') readonly repo: Repo) {}
      @DistributedMethod() async find (): Promise<string[]> { return [] }
    }
    expect(faultFor(Stored)).toMatch(/token: "repo"; register what its constructor needs in the container$/)
  })

  it('is told by resolve(), too, with the cause', () => {
    const node = mesh.node()
    class Page {
      constructor (@InjectRemote('todos') readonly todos: RemoteService<object>) {}
    }
    @injectable()
    class Wrong {
      constructor (readonly todos: RemoteService<object>) {}
    }
    expect(() => node.resolve(Page)).toThrow(/decorate Page with @injectable\(\)/)
    expect(() => node.resolve(Wrong)).toThrow(/an interface has no class at run time.*@InjectRemote\('path'\)/s)
    const failure = new Error('of the program')
    @injectable()
    class Failing {
      constructor () { throw failure }
    }
    expect(() => node.resolve(Failing)).toThrow(failure)
  })
})

describe('what is no class among the services', () => {
  it('is an instance, which is named with what to give', () => {
    @Distributed('repos')
    class Repos {
      @DistributedMethod() async find (): Promise<string[]> { return [] }
    }
    expect(() => mesh.node({ services: [new Repos() as never] })).toThrow(
      "option 'services' has an instance of Repos (services[0]); give the class: Repos; to host this very object, " +
      'container.registerInstance(Repos, object) before')
  })

  it('is a method that returns pieces', () => {
    @Distributed('pieces')
    class Pieces {
      @DistributedMethod() async * watch (): AsyncGenerator<string> { yield 'a' }
    }
    expect(faultFor(Pieces)).toContain('Pieces#watch is a generator: it returns pieces, which is not supported over ' +
      'the mesh yet')
  })
})
