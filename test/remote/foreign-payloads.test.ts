import { IsString } from 'class-validator'
import {
  Distributed, DistributedEvent, DistributedMethod, type DistributedModule, type ServiceEvent
} from 'feathers-mesh'
import { BareNode } from '../bare-node'
import { memoryMesh } from '../memory-mesh'
import { until } from '../until'

class Todo {
  @IsString() title!: string
}

@Distributed('todos')
class TodoService {
  @DistributedEvent({ payload: Todo }) readonly completed!: ServiceEvent<Todo>
  @DistributedMethod() async find (): Promise<unknown> { return [] }
}

const mesh = memoryMesh()

let told: string[]
let uncaught: unknown[]

beforeEach(() => {
  told = []
  uncaught = []
  jest.spyOn(process, 'emitWarning').mockImplementation(warning => { told.push(String(warning)) })
  // What is thrown later ends a process; here it would end the test.
  jest.spyOn(global, 'queueMicrotask').mockImplementation(task => {
    void Promise.resolve().then(task).catch((error: unknown) => { uncaught.push(error) })
  })
})
afterEach(() => { jest.restoreAllMocks() })

/** A host that sends the listeners of a caller any event. */
async function start (): Promise<{ caller: DistributedModule, emit: (...args: unknown[]) => void }> {
  const contracts = [{ path: 'todos', methods: [{ name: 'find', idempotent: true }], events: ['completed'] }]
  const host = await new BareNode(mesh.transport(), { id: 'host', contracts }).start()
  const caller = await mesh.start({ remotes: ['todos'] })
  const event = { path: 'todos', key: 'default', event: 'completed' }
  return { caller, emit: (...args) => { host.transport.publish({ ...event, args }) } }
}

describe('a listener that throws over an event of another node', () => {
  it.each([
    ['null', [null]], ['a number', [5]], ['nothing', []], ['a text', ['x']],
    ['1 000 arguments', Array.from({ length: 1_000 }, () => null)]
  ])('ends nothing and is reported, and others hear it, where the payload is %s', async (_what, args) => {
    const { caller, emit } = await start()
    const heard: unknown[] = []
    const todos = caller.remote<TodoService>('todos')
    todos.on('completed', todo => { heard.push(todo.title.length) })
    // oxlint-disable-next-line typescript/no-misused-promises -- programs do so
    todos.once('completed', async todo => { heard.push(`once ${todo.title.length}`) })
    // oxlint-disable-next-line typescript/no-misused-promises -- programs do so
    todos.on('completed', async todo => { heard.push(todo.title.length) })
    todos.on('completed', () => { heard.push('other') })
    await until('the event', () => {
      if (heard.length === 0) emit(...args)
      return heard.length > 0
    })
    emit({ title: 'abc' })
    await until('the next one', () => heard.filter(each => each === 3).length === 2)
    expect(uncaught).toEqual([])
    const line = /^a listener of 'completed' of 'todos' threw .* over an event of another node/
    expect(told).toContainEqual(expect.stringMatching(line))
  })
})

describe('a listener of a class', () => {
  it.each([['null', null], ['a text', 'x'], ['a list with null', [null]], ['nothing', undefined]])(
    'does not hear %s in the place of its payload', async (_what, payload) => {
      const { caller, emit } = await start()
      const heard: unknown[] = []
      caller.remote(TodoService).on('completed', todo => { heard.push(todo.title) })
      await until('the warning', () => {
        if (told.length === 0) emit(payload)
        return told.some(line => /^the payload of 'completed' of 'todos' can't be made a Todo: .* does not hear it$/.test(line))
      })
      emit({ title: 'abc' })
      await until('the next one', () => heard.length > 0)
      expect([heard[0], uncaught]).toEqual(['abc', []])
    }
  )

  it('ends nothing where its payload breaks the rules of its class', async () => {
    const { caller, emit } = await start()
    caller.remote(TodoService).on('completed', todo => { todo.title.trim() })
    await until('the warning', () => {
      if (told.length === 0) emit({ title: 5 })
      return told.some(line => line.includes('breaks the rules of its class, and a listener threw'))
    })
    expect(uncaught).toEqual([])
  })

  it('ends nothing where its payload is nested deeper than the stack, and it is async', async () => {
    const { caller, emit } = await start()
    const throwing = async (todo: Todo): Promise<void> => { todo.title.trim() }
    // oxlint-disable-next-line typescript/no-misused-promises -- programs do so
    caller.remote(TodoService).on('completed', throwing)
    let extra: unknown[] = []
    for (let level = 0; level < 9_000; level++) extra = [extra]
    await until('the warning', () => {
      if (told.length === 0) emit({ title: 5, extra })
      return told.some(line => line.includes('breaks the rules of its class, and a listener threw'))
    })
    expect(uncaught).toEqual([])
  })

  it.each([
    ['a list of them', [[{ title: 'abc' }]], 'is a list'],
    ['an empty list', [[]], 'is a list'],
    ['one with null after it', [{ title: 'abc' }, null], 'came with further arguments']
  ])('ends nothing where it gets %s in the place of its payload', async (_what, args, why) => {
    const { caller, emit } = await start()
    // It takes its arguments as a list: its length says nothing of what it reads.
    caller.remote(TodoService).on('completed', (...[todo, context]) => {
      expect([todo.title.trim(), context.params]).toHaveLength(2)
    })
    await until('the warning', () => {
      if (told.length === 0) emit(...args)
      return told.some(line => line.includes(`${why}, and a listener threw`))
    })
    expect(uncaught).toEqual([])
  })

  it('ends nothing where it reads the context, which no rule checks', async () => {
    const { caller, emit } = await start()
    caller.remote(TodoService).on('completed', (_todo, context) => { Object(context.params.user).id.trim() })
    await until('the warning', () => {
      if (told.length === 0) emit({ title: 'abc' })
      return told.some(line => line.includes('came with a context that may be anything, and a listener threw'))
    })
    expect(uncaught).toEqual([])
  })

  it('has thrown what ends a process where its payload fits', async () => {
    const { caller, emit } = await start()
    caller.remote(TodoService).on('completed', () => { throw new Error('a fault of the program') })
    await until('the error', () => {
      if (uncaught.length === 0) emit({ title: 'abc' })
      return uncaught.length > 0
    })
    expect(uncaught[0]).toMatchObject({ message: 'a fault of the program' })
  })
})
