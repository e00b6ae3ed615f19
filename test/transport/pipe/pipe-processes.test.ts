import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { DistributedModule } from 'feathers-mesh'
import { until } from '../../until'
import type { PipeTodos } from './pipe-node'
import { PipeTransport } from './pipe-transport'
import { compile, PipeHub } from './pipe-under-test'

/** Two processes load the whole package on a busy machine. */
const STARTING_MS = 30_000

describe('nodes of the pipe transport, each a process of its own', () => {
  const children: ChildProcess[] = []
  let programs: string
  let hub: PipeHub
  let consumer: DistributedModule
  let todos: ReturnType<typeof remoteTodos>

  const remoteTodos = () => consumer.remote<PipeTodos>('todos')

  async function host (...args: string[]): Promise<ChildProcess> {
    const child = fork(join(programs, 'pipe-node.js'), [hub.path, ...args])
    children.push(child)
    const [message] = await once(child, 'message') as [unknown]
    expect(message).toBe('started')
    const nodes = children.length + 1
    await until('the consumer to know it', () => consumer.nodes().length === nodes)
    return child
  }

  beforeAll(() => { programs = compile('hub', 'lines', 'pipe-transport', 'pipe-node') })
  afterAll(() => rmSync(programs, { recursive: true, force: true }))

  beforeEach(async () => {
    hub = new PipeHub(join(programs, 'hub.js'))
    await hub.whenListening()
    consumer = DistributedModule.forRoot({ transport: new PipeTransport(hub.path), timeout: 15_000 })
    await consumer.start()
    todos = remoteTodos()
  })

  afterEach(async () => {
    await consumer.stop()
    await Promise.all(children.splice(0).map(async child => {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGKILL')
      await once(child, 'exit')
    }))
    await hub.stop()
  })

  it('answer typed calls and publish events', async () => {
    const { pid } = await host()
    const heard: string[] = []
    todos.on('completed', todo => heard.push(`${todo.title} by ${todo.pid}`))
    expect(await todos.find()).toEqual([{ title: 'the only one', pid }])
    await until('an event', async () => {
      expect(await todos.create({ title: 'Water the plants' })).toEqual({ title: 'Water the plants', pid })
      return heard.length > 0
    })
    expect(heard[0]).toBe(`Water the plants by ${pid}`)
  }, STARTING_MS)

  it('take over the idempotent calls of a replica that is killed', async () => {
    const hanging = await host('hangs')
    const hangs = once(hanging, 'message')
    const first = todos.find()
    expect(await hangs).toEqual(['hangs', undefined])
    const { pid } = await host()
    hanging.kill('SIGKILL')
    expect(await first).toEqual([{ title: 'the only one', pid }])
    await until('the dead one to be gone', () => consumer.nodes().length === 2)
    expect(await todos.find()).toEqual([{ title: 'the only one', pid }])
  }, STARTING_MS)
})
