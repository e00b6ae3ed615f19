import { Distributed, DistributedEvent, DistributedMethod, type ServiceEvent } from 'feathers-mesh'
import { container, injectable } from 'tsyringe'
import { defineClass } from '../../lib/class-contract/from-class'
import { getMembers, getParameterTypes, getServiceOptions } from '../../lib/decorators/metadata'

class Data {
  title!: string
}

@Distributed('base')
class Base {
  @DistributedMethod() async find (): Promise<string> { return 'base' }
  @DistributedMethod({ timeout: 100, idempotent: true }) async complete (_data: Data): Promise<string> { return 'base' }
  @DistributedEvent() readonly completed!: ServiceEvent<Data>
}

describe('@Distributed', () => {
  it('records the path alone or all options', () => {
    @Distributed({ path: 'all', methods: ['find'], events: ['done'] })
    class All {
      async find (): Promise<void> {}
    }
    expect(getServiceOptions(Base)).toEqual({ path: 'base' })
    expect(getServiceOptions(All)).toEqual({ path: 'all', methods: ['find'], events: ['done'] })
  })

  it('makes the class injectable', () => {
    @injectable()
    class Store {
      readonly name = 'store'
    }
    @Distributed('injected')
    class Injected {
      constructor (readonly store: Store) {}
    }
    expect(container.resolve(Injected).store.name).toBe('store')
  })

  it('leaves no options on a class when neither it nor a base class is decorated', () => {
    class Plain {}
    class Subclass extends Plain {}
    expect(getServiceOptions(Plain)).toBeUndefined()
    expect(getServiceOptions(Subclass)).toBeUndefined()
  })

  it('accepts an abstract class', () => {
    @Distributed({ path: 'shapes', methods: ['find'] })
    abstract class Shapes {
      abstract find (): Promise<string>
    }
    class Circles extends Shapes {
      async find (): Promise<string> { return 'circles' }
    }
    expect(defineClass(Circles)).toMatchObject({
      contract: { path: 'shapes', methods: [{ name: 'find' }] }, faults: []
    })
  })
})

describe('member decorators', () => {
  it('record the member, its kind and its options', () => {
    expect(getMembers(Base)).toEqual([
      { name: 'find', decorator: 'DistributedMethod', kind: 'method', options: {} },
      { name: 'complete', decorator: 'DistributedMethod', kind: 'method', options: { timeout: 100, idempotent: true } },
      { name: 'completed', decorator: 'DistributedEvent', kind: 'property', options: {} }
    ])
  })

  it('let the compiler emit the parameter types of the member', () => {
    expect(getParameterTypes(Base, 'complete')).toEqual([Data])
    expect(getParameterTypes(Base, 'find')).toEqual([])
    expect(getParameterTypes(Base, 'missing')).toBeUndefined()
  })

  it('leave the methods of the class unchanged', async () => {
    expect(Object.getOwnPropertyNames(Base.prototype)).toEqual(['constructor', 'find', 'complete'])
    expect(await new Base().find()).toBe('base')
  })
})

describe('a subclass', () => {
  it('inherits path, methods and events when it has no decorator of its own', () => {
    class Subclass extends Base {}
    expect(defineClass(Subclass).contract).toEqual(defineClass(Base).contract)
  })

  it('overrides the path and inherits everything else', () => {
    @Distributed('sub')
    class Subclass extends Base {}
    expect(defineClass(Subclass).contract).toEqual({ ...defineClass(Base).contract, path: 'sub' })
    expect(defineClass(Base).contract.path).toBe('base')
  })

  it('adds methods and events without changing its base class', () => {
    class Subclass extends Base {
      @DistributedMethod() async archive (_data: Data): Promise<void> {}
      @DistributedEvent() readonly archived!: ServiceEvent<Data>
    }
    const names = (target: typeof Base): string[] => getMembers(target).map(({ name }) => String(name))
    expect(names(Subclass)).toEqual(['find', 'complete', 'completed', 'archive', 'archived'])
    expect(names(Base)).toEqual(['find', 'complete', 'completed'])
  })

  it('overrides single options of a method and inherits the others', () => {
    class Subclass extends Base {
      @DistributedMethod({ timeout: 500 }) override async complete (_data: Data): Promise<string> { return 'sub' }
    }
    const method = (target: typeof Base): unknown => defineClass(target).contract.methods.find(
      ({ name }) => name === 'complete'
    )
    expect(method(Subclass)).toEqual({ name: 'complete', idempotent: true, timeout: 500 })
    expect(method(Base)).toEqual({ name: 'complete', idempotent: true, timeout: 100 })
  })

  it('inherits the decorator of a method that it overrides without one', () => {
    class Subclass extends Base {
      override async complete (_data: Data): Promise<string> { return 'sub' }
    }
    const definition = defineClass(Subclass)
    expect(definition.faults).toEqual([])
    expect(definition.contract.methods).toContainEqual({ name: 'complete', idempotent: true, timeout: 100 })
  })

  it('inherits options across several levels of classes', () => {
    @Distributed({ events: ['middle'] })
    class Middle extends Base {}
    @Distributed({ path: 'leaf' })
    class Leaf extends Middle {}
    expect(getServiceOptions(Leaf)).toEqual({ path: 'leaf', events: ['middle'] })
  })
})

describe('decorators called as plain functions, as in JavaScript', () => {
  class Plain {
    async find (): Promise<string> { return 'plain' }
    async complete (): Promise<string> { return 'plain' }
  }
  const decorate = (name: 'find' | 'complete', options = {}): void => {
    const descriptor = Object.getOwnPropertyDescriptor(Plain.prototype, name) as PropertyDescriptor
    DistributedMethod(options)(Plain.prototype, name, descriptor)
  }
  decorate('find')
  decorate('complete', { data: Object, idempotent: true })
  DistributedEvent()(Plain.prototype, 'completed')
  Distributed('plain')(Plain)

  it('record the same as decorators in TypeScript', () => {
    expect(defineClass(Plain)).toMatchObject({
      contract: {
        path: 'plain',
        methods: [{ name: 'find', idempotent: true }, { name: 'complete', idempotent: true }],
        events: ['created', 'updated', 'patched', 'removed', 'completed']
      },
      eventMembers: ['completed'],
      faults: []
    })
  })
})
