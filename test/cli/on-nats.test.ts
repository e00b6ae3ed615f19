/** The commands that look at a mesh, on a NATS server: nodes are met otherwise there than by hellos of the network. */
import { feathers } from '@feathersjs/feathers'
import { DistributedModule } from 'feathers-mesh'
import { hasNats, NatsServer } from '../transport/nats/nats-server'
import { until } from '../until'
import { cli, type Ran } from './cli'

const environment = `cli-nats-${process.pid}`
const describeWithNats = hasNats ? describe : describe.skip

describeWithNats('a command on a NATS server', () => {
  let server: NatsServer
  let host: DistributedModule
  let caller: DistributedModule

  const ours = async (...args: string[]): Promise<Ran> =>
    await cli([...args, '--transport', server.url, '--environment', environment])
  const json = async (...args: string[]): Promise<unknown[]> => {
    const { out, err } = await ours(...args, '--json')
    expect(err).toBe('')
    return out.trim().split('\n').map(line => JSON.parse(line) as unknown)
  }

  beforeAll(async () => {
    server = await NatsServer.start()
    const app = feathers()
    app.use('todos', { async create (data: object) { return data } }, { methods: ['create'], events: ['done'] })
    const options = { transport: server.url, environment }
    host = DistributedModule.forRoot({ ...options, app, name: 'todo-host' })
    caller = DistributedModule.forRoot({ ...options, remotes: ['todos'], name: 'caller' })
    await Promise.all([host.start(), caller.start()])
  })

  afterAll(async () => {
    await Promise.all([host, caller].map(async node => await node.stop()))
    await server.stop()
  })

  it('tells the nodes, and by which server and in what time they answer', async () => {
    const [told] = await json('nodes')
    const seen = { way: 'nats', roundTripMs: expect.any(Number), report: expect.any(Object) }
    expect(told).toMatchObject({ nodes: expect.arrayContaining([
      expect.objectContaining({ ...seen, name: 'todo-host', services: ['todos'] }),
      expect.objectContaining({ ...seen, name: 'caller', services: [] })
    ]) })
    const { code, out } = await ours('nodes')
    expect([code, out]).toEqual([0, expect.stringMatching(/^todo-host .* nats /m)])
    // The command was there, and is none of the nodes.
    expect(host.nodes().map(({ name }) => name).sort()).toEqual(['caller', 'todo-host'])
  })

  it('tells the services, and the methods of one', async () => {
    const [all] = await json('services')
    expect(JSON.stringify(all)).toContain('todo-host')
    expect((await ours('services')).out).toMatch(/^todos +todo-host +create +created .*done$/m)
    expect((await ours('services', 'todos')).out).toMatch(/^create +/m)
  })

  it('calls a method, and prints its result or its error', async () => {
    expect(await json('call', 'todos', 'create', '{"a":1}')).toEqual([{ a: 1 }])
    expect(await ours('call', 'todos', 'burn')).toMatchObject({ code: 1, err: 'todos.burn(): no node offers it\n' })
  })

  it('shows what passes both nodes, and ends with its count', async () => {
    const tapping = json('tap', 'todos', '--count', '2', '--sides', 'served,called')
    await until('the taps', () => host.inspect().taps === 1 && caller.inspect().taps === 1)
    await caller.remote<{ create: (data: object) => Promise<object> }>('todos').create({ a: 1 })
    const sides = (await tapping).map(record => (record as { side: string }).side)
    expect(sides.sort()).toEqual(['called', 'served'])
    await until('the end of the taps', () => host.inspect().taps + caller.inspect().taps === 0)
  })

  it('shows nodes and methods in a table', async () => {
    const [picture] = await json('watch', '--count', '1')
    expect(picture).toMatchObject({ nodes: expect.arrayContaining([
      expect.objectContaining({ name: 'todo-host', state: 'answers' }),
      expect.objectContaining({ name: 'caller', state: 'answers' })
    ]) })
  })

  it('exports the contracts', async () => {
    const [{ contracts }] = await json('contracts', 'export') as [{ contracts: Array<{ path: string }> }]
    expect(contracts.map(({ path }) => path)).toEqual(['todos'])
  })

  it('finds nothing wrong, and says how many nodes were heard', async () => {
    expect(await json('doctor')).toEqual([{ isWell: true, nodes: 2, findings: [] }])
  })
})
