/** feathers-mesh, with its defaults: deadlines and failover are on. It talks TCP, or NATS. */
import {
  Distributed, DistributedEvent, DistributedMethod, DistributedModule,
  type DistributedModuleOptions, type ServiceEvent
} from 'feathers-mesh'
import { container } from 'tsyringe'
import { natsUrl } from '../nats-server'
import { countingHooks } from './counting-hooks'
import type { SpansByHand } from '../telemetry/spans-by-hand'
import type { Host, Place, System, Todo, Todos } from './system'

@Distributed('todos')
class TodoService implements Todos {
  @DistributedEvent() readonly done!: ServiceEvent<Todo>

  constructor (private readonly todos: Todos) {}

  @DistributedMethod() async get (id: string): Promise<unknown> { return await this.todos.get(id) }
  @DistributedMethod({ data: Object }) async create (data: { id: string }): Promise<unknown> {
    return await this.todos.create(data)
  }
}

/** What {@link ours} can be told. */
interface Settings {
  readonly secret?: string
  /** Calls through the typed remote, or through the service that the mesh puts on the app of the caller. */
  readonly through: 'remote' | 'app'
  /** Whether the service has hooks of Feathers, as by default. */
  readonly hooks?: boolean
  /** Whether spans and metrics are made. */
  readonly telemetry?: boolean
  /** Spans and metrics that the program makes, in place of the mesh. */
  readonly byHand?: SpansByHand
  /** Whether nodes meet on the nats-server of the run. */
  readonly isOnNats?: boolean
}

function optionsOf ({ port, name }: Place, { secret, telemetry, isOnNats }: Settings): DistributedModuleOptions {
  const meeting = isOnNats === true
    ? { environment: name, transport: natsUrl() }
    : { cote: { port, environment: name } }
  // Earlier commits, which are measured by this as well, know no telemetry.
  return { ...meeting, ...telemetry === true ? { telemetry } : {}, ...secret === undefined ? {} : { secret } }
}

export function ours (settings: Settings): System {
  return {
    async host (place: Place, todos: Todos): Promise<Host> {
      const own = container.createChildContainer()
      const service = new TodoService(settings.byHand?.served(todos) ?? todos)
      own.registerInstance(TodoService, service)
      const mesh = DistributedModule.forRoot({ services: [TodoService], container: own, ...optionsOf(place, settings) })
      if (settings.hooks !== false) mesh.app.service('todos').hooks(countingHooks())
      await mesh.start()
      return { emit: todo => service.done.emit(todo) }
    },

    async connect (place: Place): Promise<Todos> {
      const mesh = DistributedModule.forRoot({ remotes: ['todos'], ...optionsOf(place, settings) })
      await mesh.start()
      const service = settings.through === 'remote' ? mesh.remote(TodoService) : mesh.app.service('todos')
      return settings.byHand?.called(service) ?? service
    },

    async subscribe (place: Place, heard: (todo: Todo) => void): Promise<void> {
      const mesh = DistributedModule.forRoot({ remotes: ['todos'], ...optionsOf(place, settings) })
      await mesh.start()
      mesh.remote(TodoService).on('done', heard)
    }
  }
}
