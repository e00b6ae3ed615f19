import { Distributed, DistributedEvent, DistributedMethod, DistributedModule, type ServiceEvent } from 'feathers-mesh'

/** Options as JavaScript may give them. */
const given = (options: unknown): never => options as never

describe('an option of a decorator that there is not', () => {
  it('is refused with the nearest name, on a class, a method and an event', () => {
    @Distributed(given({ path: 'todos', alow: ['web'], methods: { archive: { idempotant: true } } }))
    class TodoService {
      @DistributedEvent(given({ paylod: Object })) readonly completed!: ServiceEvent<object>
      @DistributedMethod(given({ timout: 5, allows: [] })) async find (): Promise<unknown> { return [] }
      async archive (): Promise<void> {}
    }
    expect(() => DistributedModule.forRoot({ services: [TodoService] })).toThrow(expect.objectContaining({
      faults: [
        "TodoService: unknown option 'alow'; did you mean 'allow'?",
        "TodoService#archive: unknown option 'idempotant'; did you mean 'idempotent'?",
        "TodoService#find: unknown option 'timout'; did you mean 'timeout'?",
        "TodoService#find: unknown option 'allows'; did you mean 'allow'?",
        "TodoService#completed: unknown option 'paylod'; did you mean 'payload'?"
      ]
    }))
  })
})
