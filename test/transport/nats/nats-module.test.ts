import { connect, type NatsConnection } from '@nats-io/transport-node'
import type { Params } from '@feathersjs/feathers'
import { Distributed, DistributedEvent, DistributedMethod, DistributedModule, type ServiceEvent } from 'feathers-mesh'
import { nats } from 'feathers-mesh/nats'
import { until } from '../../until'
import { hasNats, NatsServer } from './nats-server'

interface Note {
  readonly text: string
}

@Distributed('notes')
class NoteService {
  @DistributedEvent() readonly told!: ServiceEvent<Note>
  @DistributedEvent({ allow: ['office'] }) readonly whispered!: ServiceEvent<Note>

  @DistributedMethod({ data: Object })
  async create (data: Note, params?: Params): Promise<unknown> {
    this.told.emit(data)
    this.whispered.emit(data)
    return Reflect.get(params ?? {}, 'caller')
  }
}

/** The server's users are bound to the keys of their nodes, as docs/nats.md shows. */
const PERMISSIONS = ['billing', 'office'].map(key => `{
  user: ${key}, password: secret
  permissions: {
    publish: ["mesh.production.hello.${key}", "mesh.production.to.*.*.${key}", "mesh.production.event.${key}.>"]
    subscribe: [
      "mesh.production.hello.*", "mesh.production.event.>"
      "mesh.production.to.${key}.*.*", "mesh.production.unheard.${key}.*.*"
    ]
  }
}`).join(', ')

const describeWithNats = hasNats ? describe : describe.skip

describeWithNats('nodes that meet on a NATS server', () => {
  const nodes: DistributedModule[] = []
  let server: NatsServer
  let bound: NatsServer
  let watcher: NatsConnection
  /** The subjects of all that was published. */
  const seen: string[] = []

  beforeAll(async () => {
    [server, bound] = await Promise.all([
      NatsServer.start(), NatsServer.start(`authorization { users: [${PERMISSIONS}] }`)
    ])
    watcher = await connect({ servers: server.url })
    watcher.subscribe('mesh.>', { callback: (_error, { subject }) => { seen.push(subject) } })
  })
  afterAll(async () => {
    await watcher.close()
    await Promise.all([server.stop(), bound.stop()])
  })
  afterEach(async () => { await Promise.all(nodes.splice(0).map(async node => await node.stop())) })

  async function start (options: Parameters<typeof DistributedModule.forRoot>[0]): Promise<DistributedModule> {
    const node = DistributedModule.forRoot(options)
    nodes.push(node)
    await node.start()
    return node
  }

  const create = async (node: DistributedModule, text = 'x'): Promise<unknown> =>
    await node.remote<NoteService>('notes').create({ text })

  it('publish an event once whatever the number of listeners, and to those that `allow` names directly', async () => {
    const host = await start({ transport: server.url, services: [NoteService] })
    const listeners = await Promise.all(['office', 'office', 'home'].map(async key =>
      await start({ transport: server.url, remotes: ['notes'], key })))
    const heard = listeners.map(node => {
      const texts = { told: [] as string[], whispered: [] as string[] }
      const notes = node.remote<NoteService>('notes')
      for (const event of ['told', 'whispered'] as const) notes.on(event, ({ text }) => texts[event].push(text))
      return texts
    })
    const allowed = heard.slice(0, 2)
    let sent = 0
    await until('all to hear', async () => {
      await create(host, `first ${++sent}`)
      return heard.every(({ told }) => told.length > 0) && allowed.every(({ whispered }) => whispered.length > 0)
    })
    await create(host, 'last')
    await until('nothing under way', () => heard.every(({ told }) => told.includes('last')))
    seen.splice(0)
    await create(host, 'once')
    await until('all to hear', () => heard.every(({ told }) => told.includes('once')))
    await until('the allowed ones to hear', () => allowed.every(({ whispered }) => whispered.includes('once')))
    const published = seen.filter(subject => /\.event\..*\.(?:told|whispered)$/.test(subject))
    expect(published).toEqual(['mesh.=.event.default.notes.told'])
    for (const { told } of heard) expect(told.filter(text => text === 'once')).toHaveLength(1)
    expect(heard[2].whispered).toEqual([])
  })

  it('give nodes without listeners no events', async () => {
    const host = await start({ transport: server.url, services: [NoteService], environment: 'quiet' })
    const other = await start({ transport: server.url, remotes: ['notes'], environment: 'quiet' })
    seen.splice(0)
    expect(await create(other)).toMatchObject({ key: 'default', proven: false, address: 'nats' })
    await create(host)
    await watcher.flush()
    expect(seen.filter(subject => subject.startsWith('mesh.quiet.event.'))).toEqual([])
  })

  it('prove their keys where the permissions of the server bind users to keys', async () => {
    const transportOf = (user: string): ReturnType<typeof nats> =>
      nats({ servers: bound.url, user, pass: 'secret', keysByPermission: true })
    const common = { environment: 'production' }
    await start({ ...common, transport: transportOf('office'), key: 'office', services: [NoteService] })
    const billing = await start({ ...common, transport: transportOf('billing'), key: 'billing', remotes: ['notes'] })
    expect(await create(billing)).toMatchObject({ key: 'billing', proven: true, address: 'nats' })
    const warnings: string[] = []
    const ignore = (): void => {}
    const warn = (_record: unknown, text: string): void => { warnings.push(text) }
    const logger = { error: ignore, warn, info: ignore, debug: ignore }
    // The server lets it in, and hears nothing that it says with the key of others.
    const liar = await start({ ...common, transport: transportOf('billing'), key: 'office', logger })
    await until('the server to refuse it', () => warnings.some(text => text.includes('Permissions Violation')))
    expect(liar.nodes()).toHaveLength(1)
    expect(billing.nodes().map(({ key }) => key).sort()).toEqual(['billing', 'office'])
  })

  it('fail to start with credentials that the server does not take', async () => {
    const transport = nats({ servers: bound.url, user: 'billing', pass: 'wrong' })
    const node = DistributedModule.forRoot({ transport })
    await expect(node.start()).rejects.toThrow(/authorization/i)
  })

  it('fail to start with a key that no subject has, as half of a character is no text', async () => {
    const node = DistributedModule.forRoot({ transport: bound.url, key: 'billing\ud83d' })
    await expect(node.start()).rejects.toMatchObject({ message: expect.stringContaining('"billing\\ud83d"') })
  })
})
