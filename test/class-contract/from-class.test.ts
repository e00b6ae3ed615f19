import { IsString } from 'class-validator'
import { Distributed, DistributedEvent, DistributedMethod, type Class, type ServiceEvent } from 'feathers-mesh'
import { defineClass } from '../../lib/class-contract/from-class'

const faultsOf = (target: Class): readonly string[] => defineClass(target).faults

/** Applies a decorator as JavaScript could, past the types that keep TypeScript from it. */
function misuse (decorator: unknown, target: object, name: string | symbol): void {
  const apply = decorator as (target: object, name: string | symbol, descriptor?: PropertyDescriptor) => void
  apply(target, name, Object.getOwnPropertyDescriptor(target, name))
}

/** A class with one good method, so that each test adds the one fault it is about. */
function faulty (): { new (): object, prototype: object } {
  @Distributed('faulty')
  class Faulty {
    @DistributedMethod() async find (): Promise<void> {}
    get accessor (): string { return '' }
    static async fixed (): Promise<void> {}
    async [Symbol.for('symbol')] (): Promise<void> {}
    async method (): Promise<void> {}
  }
  return Faulty
}

describe('a valid service class', () => {
  it('yields a contract that lists the standard methods first', () => {
    class Data {}
    @Distributed({ path: '/todos/', events: ['archived'] })
    class Todos {
      @DistributedMethod({ timeout: 10 }) async complete (_data: Data): Promise<void> {}
      @DistributedMethod() async find (): Promise<void> {}
      @DistributedMethod() async create (_data: Data): Promise<void> {}
      @DistributedEvent() readonly completed!: ServiceEvent<Data>
    }
    expect(defineClass(Todos)).toEqual({
      contract: {
        path: 'todos',
        methods: [
          { name: 'find', idempotent: true },
          { name: 'create', idempotent: false },
          { name: 'complete', idempotent: false, timeout: 10 }
        ],
        events: ['created', 'updated', 'patched', 'removed', 'completed', 'archived']
      },
      methods: new Map([['complete', { timeout: 10 }], ['find', {}], ['create', {}]]),
      eventMembers: ['completed'],
      customEvents: ['completed', 'archived'],
      faults: [],
      warnings: []
    })
  })

  it('may list undecorated methods in the options of @Distributed, with or without method options', () => {
    @Distributed({ path: 'todos', methods: ['find', 'get'] })
    class Listed {
      async find (): Promise<void> {}
      async get (): Promise<void> {}
    }
    @Distributed({
      path: 'todos', methods: { find: { idempotent: false }, complete: { idempotent: true, data: Object } }
    })
    class Described {
      async find (): Promise<void> {}
      async complete (_data: object): Promise<void> {}
    }
    expect(defineClass(Listed).contract.methods).toEqual([
      { name: 'find', idempotent: true }, { name: 'get', idempotent: true }
    ])
    expect(defineClass(Described).contract.methods).toEqual([
      { name: 'find', idempotent: false }, { name: 'complete', idempotent: true }
    ])
    expect([...faultsOf(Listed), ...faultsOf(Described)]).toEqual([])
  })

  it('takes the options of @DistributedMethod over those of its method list', () => {
    @Distributed({ path: 'todos', methods: { find: { timeout: 10, idempotent: false } } })
    class Both {
      @DistributedMethod({ timeout: 20 }) async find (): Promise<void> {}
    }
    expect(defineClass(Both).contract.methods).toEqual([{ name: 'find', idempotent: false, timeout: 20 }])
  })

  it('yields a contract that survives JSON unchanged', () => {
    @Distributed('todos')
    class Todos {
      @DistributedMethod({ data: Object, timeout: 5 }) async create (_data: object): Promise<void> {}
    }
    const { contract } = defineClass(Todos)
    expect(JSON.parse(JSON.stringify(contract))).toEqual(contract)
  })

  it('may have a method with data of any type when the compiler emits a type for it', () => {
    @Distributed('todos')
    class Todos {
      @DistributedMethod() async patch (_id: number, _data: { a: number }): Promise<void> {}
    }
    expect(faultsOf(Todos)).toEqual([])
  })
})

describe('a class with data that is not validated', () => {
  it('causes a warning that lists the methods whose data is Object or Array and whose options name no class', () => {
    class Data {
      @IsString() title!: string
    }
    @Distributed('todos')
    class Todos {
      @DistributedMethod() async find (_params?: { query: object }): Promise<void> {}
      @DistributedMethod() async create (_data: Data[]): Promise<void> {}
      @DistributedMethod() async update (_id: number, _data: Data): Promise<void> {}
      @DistributedMethod({ data: Data }) async patch (_id: number, _data: Data | Data[]): Promise<void> {}
      @DistributedMethod() async complete (_data: { id: number }): Promise<void> {}
      @DistributedMethod({ data: Object }) async ping (_data: unknown): Promise<void> {}
      @DistributedMethod() async count (): Promise<void> {}
    }
    const { faults, warnings } = defineClass(Todos)
    expect(faults).toEqual([])
    expect(warnings).toEqual([expect.stringMatching(
      /^Todos: the data of create, complete is not validated, as its type is no class .*@DistributedMethod\({ data: TheClass }\)/
    )])
  })
})

describe('the shapes in a contract', () => {
  it('come from the classes that the compiler and the options name', () => {
    class Data {
      @IsString() title!: string
    }
    class Todo {}
    @Distributed({ path: 'todos', version: '1.2.0' })
    class Todos {
      @DistributedMethod({ query: Data, result: Todo }) async find (): Promise<Todo[]> { return [] }
      @DistributedMethod({ id: Number }) async get (_id: number): Promise<Todo> { return new Todo() }
      @DistributedMethod() first (_data: Data): Todo { return new Todo() }
    }
    const shape = expect.stringMatching(/^[0-9a-f]{16}$/)
    expect(defineClass(Todos).contract).toMatchObject({
      version: '1.2.0',
      methods: [
        { name: 'find', shapes: { query: shape, result: 'Todo' } },
        { name: 'get', shapes: { id: 'Number' } },
        { name: 'first', shapes: { data: shape, result: 'Todo' } }
      ]
    })
  })
})

describe('a class', () => {
  it('is refused when it has no @Distributed', () => {
    class Undecorated {
      @DistributedMethod() async find (): Promise<void> {}
    }
    expect(faultsOf(Undecorated)).toEqual(["Undecorated has no @Distributed; add @Distributed('path') above the class"])
  })

  it.each([
    [{}], [{ path: '' }], [{ path: '//' }], [{ path: 7 as unknown as string }]
  ])('is refused when the options of @Distributed are %p, without a path', options => {
    @Distributed(options)
    class Pathless {
      @DistributedMethod() async find (): Promise<void> {}
    }
    expect(faultsOf(Pathless)).toEqual([
      "Pathless: @Distributed needs the path of the service, for example @Distributed('todos')"
    ])
  })

  it('is refused when it has no distributed method', () => {
    @Distributed('idle')
    class Idle {}
    expect(faultsOf(Idle)).toEqual(['Idle offers no method; decorate at least one with @DistributedMethod()'])
  })

  it('is refused with a readable message when it has no name', () => {
    const nameless = (() => class {})()
    expect(faultsOf(nameless)).toEqual([expect.stringContaining('a class without name has no @Distributed')])
  })

  it.each<[string, string | symbol, string]>([
    ['a property', 'property', "Faulty#property: @DistributedMethod can't be on a property; " +
      'write it as a method: async property (…) { … }'],
    ['an accessor', 'accessor', "Faulty#accessor: @DistributedMethod can't be on an accessor; " +
      'write it as a method: async accessor (…) { … }'],
    ['a symbol', Symbol.for('symbol'), "Faulty#Symbol(symbol): @DistributedMethod can't be on a symbol; " +
      'callers use names, so give it one']
  ])('is refused when @DistributedMethod decorates %s', (_what, name, fault) => {
    const Faulty = faulty()
    misuse(DistributedMethod(), Faulty.prototype, name)
    expect(faultsOf(Faulty)).toEqual([fault])
  })

  it.each<[string, string | symbol, string]>([
    ['a method', 'method', "Faulty#method: @DistributedEvent can't be on a method; " +
      'declare it as a property: readonly method!: ServiceEvent<Payload>'],
    ['an accessor', 'accessor', "Faulty#accessor: @DistributedEvent can't be on an accessor; declare it as a property"],
    ['a symbol', Symbol.for('symbol'), "Faulty#Symbol(symbol): @DistributedEvent can't be on a symbol"]
  ])('is refused when @DistributedEvent decorates %s', (_what, name, fault) => {
    const Faulty = faulty()
    misuse(DistributedEvent(), Faulty.prototype, name)
    expect(faultsOf(Faulty)).toContainEqual(expect.stringContaining(fault))
  })

  it.each([
    ['DistributedMethod', DistributedMethod()], ['DistributedEvent', DistributedEvent()]
  ])('is refused when @%s decorates a static member', (name, decorator) => {
    const Faulty = faulty()
    misuse(decorator, Faulty, 'fixed')
    expect(faultsOf(Faulty)).toContainEqual(`Faulty#fixed: @${name} can't be on a static member; move it to the instance`)
  })

  it.each([
    ['then'], ['setup'], ['teardown'], ['hooks'], ['publish'], ['emit'], ['on'], ['all'], ['around'], ['toString'],
    ['with'], ['healthcheck']
  ])("is refused when a method has the protected name '%s'", name => {
    @Distributed({ path: 'faulty', methods: ['find', name] })
    class Faulty {
      async find (): Promise<void> {}
    }
    expect(faultsOf(Faulty)).toEqual([expect.stringMatching(`^Faulty#${name}: '${name}' is protected .*; rename the method$`)])
  })

  it.each([['catch'], ['finally'], ['dispose'], ['toJSON'], ['_inner'], ['$price'], ['größe']])(
    "is refused when it has a method '%s', which a remote cannot have", name => {
      @Distributed({ path: 'faulty', methods: ['find', name] })
      class Faulty {
        async find (): Promise<void> {}
      }
      expect(faultsOf(Faulty)).toEqual([
        expect.stringContaining(`Faulty#${name}: remotes can't have a method '${name}'`)
      ])
    })

  it.each([
    ['setup'], ['error'], ['then'], ['newListener'], ['removeListener'], ['gap']
  ])("is refused when an event has the protected name '%s'", name => {
    @Distributed({ path: 'faulty', events: [name] })
    class Faulty {
      @DistributedMethod() async find (): Promise<void> {}
    }
    expect(faultsOf(Faulty)).toEqual([`Faulty#${name}: '${name}' is protected by Feathers; rename the event`])
  })

  it('is refused when an event has the name of a method', () => {
    @Distributed({ path: 'faulty', events: ['find'] })
    class Faulty {
      @DistributedMethod() async find (): Promise<void> {}
    }
    expect(faultsOf(Faulty)).toEqual(['Faulty#find is both a method and an event; rename one of them'])
  })

  it('is refused when a listed method does not exist or is not a function', () => {
    @Distributed({ path: 'faulty', methods: ['find', 'missing', 'field'] })
    class Faulty {
      async find (): Promise<void> {}
    }
    (Faulty.prototype as { field?: unknown }).field = 7
    expect(faultsOf(Faulty)).toEqual(['missing', 'field'].map(name =>
      `Faulty#${name} is listed in the methods of @Distributed but is not a method of the class; write it or take it off the list`))
  })

  it('is refused when a custom method takes three parameters', () => {
    @Distributed('faulty')
    class Faulty {
      @DistributedMethod() async move (_from: number, _to: number, _params: object): Promise<void> {}
      @DistributedMethod() async update (_id: number, _data: object, _params: object): Promise<void> {}
    }
    expect(faultsOf(Faulty)).toEqual([
      'Faulty#move takes 3 parameters, but a custom Feathers method is (data, params); put them into one data object'
    ])
  })

  it.each([[0], [-1], [NaN], [Infinity], ['100' as unknown as number]])('is refused when a timeout is %p', timeout => {
    @Distributed('faulty')
    class Faulty {
      @DistributedMethod({ timeout }) async find (): Promise<void> {}
    }
    expect(faultsOf(Faulty)).toEqual([`Faulty#find: timeout is ${timeout}, but must be a number of milliseconds above 0`])
  })

  it.each([null, 'yes', 1])('with an idempotent that is neither true nor false: %p', idempotent => {
    const Faulty = faulty()
    misuse(DistributedMethod({ idempotent: idempotent as unknown as boolean }), Faulty.prototype, 'method')
    expect(faultsOf(Faulty)).toEqual([`Faulty#method: idempotent is ${String(idempotent)}, but must be true or false`])
  })

  it.each<[string, object, string]>([
    ['data that is not a class', { data: undefined }, 'data must be a class, not undefined; do two modules import'],
    ['a result that is not a class', { result: 'Todo' }, 'result must be a class, not Todo; do two modules import'],
    ['an id that the method does not take', { id: Number }, "this method has no id; leave 'id' out"],
    ['a query without rules', { query: Object }, 'query must be a class with the rules of params.query, not O'],
    ['a misspelt option of class-validator', { validation: { whiteList: true } },
      "validation has no option 'whiteList'; class-validator's are: enableDebugMessages,"],
    ['a wrong option of class-validator', { validation: { groups: 'create' } }, "validation.groups can't be 'create'"],
    ['validation that is not an object', { validation: true },
      "validation must be an object of class-validator's options, not true"]
  ])('is refused when the options of a method have %s', (_what, options, fault) => {
    @Distributed('faulty')
    class Faulty {
      @DistributedMethod(options) async create (_data: object): Promise<void> {}
    }
    expect(faultsOf(Faulty)).toEqual([expect.stringContaining(`Faulty#create: ${fault}`)])
  })

  it('is refused when the options name data that the method does not take, or an id class without rules', () => {
    class Free {
      id!: string
    }
    @Distributed('faulty')
    class Faulty {
      @DistributedMethod({ data: Free }) async find (): Promise<void> {}
      @DistributedMethod({ id: Free }) async get (_id: string): Promise<void> {}
      @DistributedMethod({ id: Number, query: Free, result: Free }) async remove (_id: number): Promise<void> {}
    }
    expect(faultsOf(Faulty)).toEqual([
      "Faulty#find: this method has no data; leave 'data' out",
      "Faulty#get: id must be Number, String, or a class with rules for its property 'id', not Free"
    ])
  })

  it.each([[1], [''], ['x'.repeat(101)]])('is refused when its version is %p', version => {
    @Distributed({ path: 'faulty', version: version as string, validation: { always: 1 as unknown as boolean } })
    class Faulty {
      @DistributedMethod() async find (): Promise<void> {}
    }
    expect(faultsOf(Faulty)).toEqual([
      "Faulty: version must be a text of at most 100 letters, for example '1.2.0'",
      "Faulty: validation.always can't be 1"
    ])
  })

  it('is refused when the compiler emitted no type for the data of a method', () => {
    @Distributed({ path: 'faulty', methods: ['find', 'get', 'create', 'patch', 'complete', 'ping'] })
    class Faulty {
      async find (): Promise<void> {}
      async get (_id: number): Promise<void> {}
      async create (_data: object): Promise<void> {}
      async patch (_id: number, _data: object): Promise<void> {}
      async complete (_data: object): Promise<void> {}
      /** Takes no data, so there is nothing to know. */
      async ping (): Promise<void> {}
    }
    expect(faultsOf(Faulty)).toEqual(['create', 'patch', 'complete'].map(name => expect.stringMatching(
      `^Faulty#${name}: the compiler left no type for 'data'.*emitDecoratorMetadata.*@DistributedMethod\\({ data: TheClass }\\)`
    )))
  })

  it('is refused with all of its faults at once', () => {
    @Distributed({ path: '', methods: ['missing'], events: ['missing'] })
    class Faulty {
      @DistributedMethod({ timeout: 0 }) async move (_a: number, _b: number, _c: number): Promise<void> {}
    }
    misuse(DistributedMethod(), Faulty.prototype, 'property')
    expect(faultsOf(Faulty)).toEqual([
      expect.stringContaining('needs the path'),
      expect.stringContaining('Faulty#property'),
      expect.stringContaining('Faulty#missing is listed'),
      expect.stringContaining('Faulty#move takes 3 parameters'),
      expect.stringContaining('Faulty#move: timeout is 0'),
      expect.stringContaining('Faulty#missing is both a method and an event')
    ])
  })
})
