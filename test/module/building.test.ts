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

describe('an error thrown while tsyringe builds a service', () => {
  const failure = new RangeError('DATABASE_URL is not set')

  it('reaches the caller unchanged when the constructor of the service throws it', () => {
    @Distributed('failing')
    class Failing {
      constructor () { throw failure }
      @DistributedMethod() async find (): Promise<string[]> { return [] }
    }
    expect(thrownFor(Failing)).toBe(failure)
  })

  it('reaches the caller unchanged when a dependency throws it, at any depth', () => {
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
    ['a string', 'no database'], ['undefined', undefined], ['an object', { code: 7 }]
  ])('reaches the caller unchanged when it is %s', (_what, thrown) => {
    @injectable()
    class Database {
      // oxlint-disable-next-line typescript/only-throw-error
      constructor () { throw thrown }
    }
    @Distributed('failing')
    class Failing {
      constructor (readonly database: Database) {}
      @DistributedMethod() async find (): Promise<string[]> { return [] }
    }
    expect(thrownFor(Failing)).toBe(thrown)
  })

  it('reaches the caller unchanged when a factory throws it', () => {
    @Distributed('failing')
    class Failing {
      constructor (@inject('database') readonly database: object) {}
      @DistributedMethod() async find (): Promise<string[]> { return [] }
    }
    const container = globalContainer.createChildContainer()
    container.register('database', { useFactory: () => { throw failure } })
    expect(thrownFor(Failing, container)).toBe(failure)
  })

  it('is not mistaken for an injection error because of its message', () => {
    const alike = new Error('Attempted to resolve unregistered dependency token: "elsewhere"')
    @Distributed('failing')
    class Failing {
      constructor () { throw alike }
      @DistributedMethod() async find (): Promise<string[]> { return [] }
    }
    expect(thrownFor(Failing)).toBe(alike)
  })

  it('is not confused with an earlier error that a factory handled', () => {
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

  it('tells the developer where events can be emitted when the constructor emitted one', () => {
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
  it('is refused with the code to write', () => {
    const fault = faultFor(withoutTypes(class Untyped {
      constructor (readonly repo: Repo) {}
    }))
    expect(fault).toMatch(/^Untyped can't be built.*left no types for its constructor \(esbuild and tsx never do\)/)
    expect(fault).toContain('write @inject(TheClass) before each parameter: #0 has none')
  })

  it('is refused when only some of its parameters have tokens, because the others would be undefined', () => {
    class Half {
      constructor (readonly repo: Repo, readonly other: Repo) {}
    }
    inject(Repo)(Half, undefined, 0)
    expect(faultFor(withoutTypes(Half))).toContain('#1 has none')
  })

  it('is refused when a base class declares it', () => {
    class Base {
      constructor (readonly repo: Repo) {}
    }
    expect(faultFor(withoutTypes(class Derived extends Base {}))).toContain('Derived can\'t be built')
  })

  it('is accepted when all of its parameters have tokens', () => {
    class Full {
      constructor (readonly repo: Repo) {}
    }
    inject(Repo)(Full, undefined, 0)
    expect(thrownFor(withoutTypes(Full))).toBe('hosted')
  })

  it('is accepted when the container has another registration for the class', () => {
    class Given {
      constructor (readonly repo: Repo) {}
    }
    withoutTypes(Given)
    const container = globalContainer.createChildContainer()
    container.register(Given, { useFactory: () => new Given(new Repo()) })
    expect(thrownFor(Given, container)).toBe('hosted')
  })

  it('is refused with the code to write when it belongs to a dependency of the service', () => {
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

describe('a dependency that tsyringe cannot resolve', () => {
  interface Store { all: () => string[] }

  it('is reported with the code to write when its type is an interface', () => {
    @Distributed('stored')
    class Stored {
      constructor (readonly store: Store) {}
      @DistributedMethod() async find (): Promise<string[]> { return this.store.all() }
    }
    expect(faultFor(Stored)).toMatch(/"store" at position #0.*an interface has no class at run time.*@inject\('token'\)/s)
  })

  it('is reported with @injectable() as the remedy when its class has no decorator', () => {
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

  it('is reported with its token when nobody registered it', () => {
    @Distributed('stored')
    class Stored {
      constructor (@inject('repo') readonly repo: Repo) {}
      @DistributedMethod() async find (): Promise<string[]> { return [] }
    }
    expect(faultFor(Stored)).toMatch(/token: "repo"; register what its constructor needs in the container$/)
  })

  it('is reported by resolve(), which passes other errors through', () => {
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

describe('the services option', () => {
  it('is refused when it lists an instance, in an error that names the class to give', () => {
    @Distributed('repos')
    class Repos {
      @DistributedMethod() async find (): Promise<string[]> { return [] }
    }
    expect(() => mesh.node({ services: [new Repos() as never] })).toThrow(
      "option 'services' has an instance of Repos (services[0]); give the class: Repos; to host this very object, " +
      'container.registerInstance(Repos, object) before')
  })

  it('is refused when a listed class has a generator method', () => {
    @Distributed('pieces')
    class Pieces {
      @DistributedMethod() async * watch (): AsyncGenerator<string> { yield 'a' }
    }
    expect(faultFor(Pieces)).toContain('Pieces#watch is a generator: it returns pieces, which is not supported over ' +
      'the mesh yet')
  })
})
