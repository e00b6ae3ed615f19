/** A node of the first-call bench, with default options: `host` offers a service, `consumer` calls it at once. */
import { Distributed, DistributedMethod, DistributedModule } from 'feathers-mesh'

@Distributed('todos')
class TodoService {
  @DistributedMethod()
  async find (): Promise<Array<{ id: number, title: string }>> {
    return [{ id: 1, title: 'Water the plants' }]
  }
}

/** What a node tells the bench; times are those of a clock that all processes share. */
export type ToBench =
  | { readonly event: 'ready' }
  | { readonly event: 'starting' | 'started' | 'called', readonly at: number }

function tell (message: ToBench): void {
  process.send?.(message)
}

const now = (): number => Number(process.hrtime.bigint()) / 1e6

async function host (): Promise<void> {
  const mesh = DistributedModule.forRoot({ services: [TodoService] })
  tell({ event: 'starting', at: now() })
  await mesh.start()
  tell({ event: 'started', at: now() })
}

async function consumer (): Promise<void> {
  const mesh = DistributedModule.forRoot()
  tell({ event: 'starting', at: now() })
  await mesh.start()
  tell({ event: 'started', at: now() })
  await mesh.remote(TodoService).find()
  tell({ event: 'called', at: now() })
}

process.once('message', () => {
  (process.argv[2] === 'host' ? host : consumer)().catch(error => {
    console.error(error)
    process.exit(1)
  })
})
process.on('disconnect', () => process.exit())
tell({ event: 'ready' })
