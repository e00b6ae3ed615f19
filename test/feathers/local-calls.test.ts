import type { HookContext, Params } from '@feathersjs/feathers'
import { Distributed, DistributedMethod, type RemoteService } from 'feathers-mesh'
import { memoryMesh } from '../memory-mesh'
import { TodoService } from '../todo-service'
import { rejection } from '../until'

const mesh = memoryMesh()

/** A service that asks another one, perhaps of another node, and one that ends when it is given up. */
@Distributed('desk')
class DeskService {
  todos: RemoteService<TodoService> | undefined
  ended = ''

  @DistributedMethod() async open (): Promise<unknown> { return await this.todos?.find() }

  @DistributedMethod({ timeout: 20 }) async wait (_data?: object, params?: Params): Promise<void> {
    await new Promise(resolve => params?.signal?.addEventListener('abort', resolve))
    this.ended = String(params?.signal?.reason)
  }
}

describe('a service called in its own process', () => {
  it('has the deadline of the call in its hooks and passes it on to other nodes', async () => {
    const other = await mesh.start({ services: [TodoService] })
    const node = await mesh.start({ services: [DeskService], remotes: ['todos'] })
    node.resolve(DeskService).todos = node.remote<TodoService>('todos')
    const deadlines: unknown[] = []
    const hook = ({ params }: HookContext): void => { deadlines.push(params.deadline) }
    node.app.service('desk').hooks({ before: { all: [hook] } })
    await node.remote(DeskService).with({ timeout: 3_000 }).open()
    expect(deadlines).toEqual([expect.any(Number)])
    expect(other.resolve(TodoService).params[0]?.deadline).toBeCloseTo(Number(deadlines[0]), -3)
  })

  it('receives an abort signal, and its caller a Timeout, when the timeout of the method passes', async () => {
    const node = await mesh.start({ services: [DeskService] })
    const [{ id } = { id: '' }] = node.nodes()
    const error = await rejection(node.remote(DeskService).wait())
    expect(error).toMatchObject({
      name: 'Timeout', data: { path: 'desk', method: 'wait', node: id, outcome: 'unknown' }
    })
    expect(node.resolve(DeskService).ended).toBe('AbortError: the time of the call is over')
  })

  it('receives the params of the caller unchanged, connection included, when there is no timeout', async () => {
    const node = await mesh.start({ services: [TodoService] })
    const params = { query: {}, connection: {} }
    await node.remote(TodoService).find(params)
    expect(node.resolve(TodoService).params).toEqual([params])
  })
})
