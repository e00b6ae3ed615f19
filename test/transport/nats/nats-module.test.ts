import { DistributedModule } from 'feathers-mesh'
import { until } from '../../until'
import { TodoService } from '../../todo-service'
import { hasNats, NatsServer } from './nats-server'

const describeWithNats = hasNats ? describe : describe.skip

describeWithNats('nodes that meet on a NATS server', () => {
  let server: NatsServer
  const nodes: DistributedModule[] = []
  beforeAll(async () => { server = await NatsServer.start() })
  afterAll(async () => await server.stop())
  afterEach(async () => { await Promise.all(nodes.splice(0).map(async node => await node.stop())) })

  it('call each other and hear events', async () => {
    const host = DistributedModule.forRoot({ transport: server.url, services: [TodoService] })
    const consumer = DistributedModule.forRoot({ transport: server.url, remotes: ['todos'] })
    nodes.push(host, consumer)
    await Promise.all([host.start(), consumer.start()])
    const todos = consumer.remote<TodoService>('todos')
    const heard: unknown[] = []
    todos.on('created', todo => heard.push(todo))
    expect(await todos.create({ title: 'x' })).toMatchObject({ title: 'x' })
    await until('an event', async () => {
      await todos.create({ title: 'y' })
      return heard.length > 0
    })
  })
})
