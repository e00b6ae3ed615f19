import { dns, type DistributedModule } from 'feathers-mesh'
import { freePort } from '../../../free-port'
import { CoteMesh, SECRET } from '../../../security/mesh-of'
import type { TodoService } from '../../../todo-service'
import { until } from '../../../until'
import { DnsServer, hasDns } from './dns-server'

const NAME = 'todos.mesh.test'
const describeWithDns = hasDns ? describe : describe.skip

let mesh: CoteMesh
let server: DnsServer
let port: number

beforeEach(async () => {
  mesh = new CoteMesh()
  port = await freePort()
})

afterEach(async () => {
  await mesh.end()
  await server.end()
})

/** The nodes that a node sees beside itself. */
const others = (node: DistributedModule): number => node.nodes().length - 1

const counted = (node: DistributedModule): unknown => Object.entries(node.counters()).filter(([, count]) => count > 0)

const lines = (part: string): string[] => mesh.log.filter(line => line.includes(part))

/** All of them, the address of each being the only difference between them, as those of pods. */
const url = (): string => `dns://${NAME}:${port}?server=${server.place}`

describeWithDns('nodes that DNS knows by one name', () => {
  it.each(['host', 'consumer'])('call each other over the port of the name, the %s first', async first => {
    server = await DnsServer.start({ [NAME]: ['127.0.0.2', '127.0.0.3'] })
    const options = { discovery: url(), secret: SECRET }
    if (first === 'host') await mesh.host({ ...options, listen: '127.0.0.2' })
    const consumer = mesh.consumer({ ...options, listen: '127.0.0.3' })
    if (first === 'consumer') await mesh.host({ ...options, listen: '127.0.0.2' })
    expect(await (await consumer).find()).toEqual([])
    expect(mesh.log).toEqual([])
  })

  it('find each other over IPv6, also in an open mesh', async () => {
    server = await DnsServer.start({ localhost: ['::1'] })
    const discovery = `dns://localhost:${port}?server=${server.place}`
    await mesh.host({ discovery, listen: '::1' })
    expect(await (await mesh.consumer({ discovery, listen: '127.0.0.1' })).find()).toEqual([])
  })

  it('are found within one poll when they come later, and stay when DNS knows them no more', async () => {
    server = await DnsServer.start({ [NAME]: ['127.0.0.2'] })
    const first = await mesh.node({ discovery: url(), secret: SECRET, listen: '127.0.0.2' })
    const nowhere = `static://127.0.0.9:${await freePort()}`
    const later = await mesh.host({ discovery: nowhere, secret: SECRET, listen: `127.0.0.3:${port}` })
    await server.change({ [NAME]: ['127.0.0.2', '127.0.0.3'] })
    await until('the later one', () => others(first) === 1 && others(later) === 1)
    const asked = server.queriesOf(NAME)
    await server.change({})
    await until('another poll', () => server.queriesOf(NAME) > asked)
    await until('a line', () => lines(`DNS does not know ${NAME}`).length === 1)
    expect([others(first), others(later)]).toEqual([1, 1])
    await later.stop()
    await until('its goodbye', () => others(first) === 0)
  })

  it('are one node each where DNS names them by several addresses', async () => {
    server = await DnsServer.start({ [NAME]: ['127.0.0.1', '127.0.0.2', '127.0.0.3'] })
    const options = { discovery: url(), secret: SECRET, cote: { helloInterval: 20 } }
    const all = await mesh.node({ ...options, cote: { ...options.cote, address: '127.0.0.1' } })
    const other = await mesh.node({ ...options, cote: { ...options.cote, address: '127.0.0.2' } })
    await until('each other', () => others(all) === 1 && others(other) === 1)
    expect([counted(all), counted(other)]).toEqual([[], []])
  })

  it('may have each its own port, by SRV records', async () => {
    const [ofHost, ofConsumer] = [await freePort(), await freePort()]
    const service = `_mesh._tcp.${NAME}`
    server = await DnsServer.start({ 'a.mesh.test': ['127.0.0.2'], 'b.mesh.test': ['127.0.0.3'] },
      `--srv-host=${service},a.mesh.test,${ofHost}`, `--srv-host=${service},b.mesh.test,${ofConsumer}`)
    await mesh.host({
      secret: SECRET, discovery: `dns+srv://${service}?server=${server.place}`, listen: `127.0.0.2:${ofHost}`
    })
    const discovery = dns({ name: service, server: server.place })
    const consumer = await mesh.consumer({ secret: SECRET, discovery, listen: `127.0.0.3:${ofConsumer}` })
    expect(await consumer.find()).toEqual([])
    expect(mesh.log).toEqual([])
  })

  it('are found by a name that the file of hosts knows, without a server', async () => {
    server = await DnsServer.at()
    const discovery = `dns://localhost:${port}`
    await mesh.host({ discovery, listen: '127.0.0.1' })
    expect(await (await mesh.consumer({ discovery, listen: '127.0.0.2' })).find()).toEqual([])
  })
})

describeWithDns('a name', () => {
  it('costs a line when DNS does not know it, and one when it knows it again', async () => {
    server = await DnsServer.start({})
    const node = await mesh.node({ discovery: url(), secret: SECRET, listen: '127.0.0.2' })
    await until('a line', () => lines(`DNS does not know ${NAME} (it has no records)`).length === 1)
    await server.change({ [NAME]: ['127.0.0.2', '127.0.0.3'] })
    await until('a line', () => lines(`DNS knows ${NAME} again`).length === 1)
    const other = await mesh.node({ discovery: url(), secret: SECRET, listen: '127.0.0.3' })
    await until('each other', () => others(node) === 1 && others(other) === 1)
    expect(mesh.log).toHaveLength(2)
  })

  it('is the reason in lists of unreachable nodes and in errors of calls where DNS does not know it', async () => {
    server = await DnsServer.start({})
    const node = await mesh.node({ discovery: url(), secret: SECRET, listen: '127.0.0.2', timeout: 1_000 })
    const reason = 'DNS does not know it (it has no records)'
    const listed = (): unknown => node.nodes({ unreachable: true }).find(each => each.reason === reason)
    expect(await until('the name', listed)).toMatchObject({ address: NAME })
    await expect(node.remote<TodoService>('todos').find()).rejects.toThrow(`${NAME}: ${reason}`)
  })

  it('is asked for again and again while its server is away, and no node goes', async () => {
    server = await DnsServer.at()
    const options = { discovery: url(), secret: SECRET }
    const node = await mesh.node({ ...options, listen: '127.0.0.2' })
    await until('a line', () => lines(`DNS does not know ${NAME} (`).length === 1)
    await server.start({ [NAME]: ['127.0.0.2', '127.0.0.3'] })
    const other = await mesh.node({ ...options, listen: '127.0.0.3' })
    await until('each other', () => others(node) === 1 && others(other) === 1)
    await server.kill()
    const third = await mesh.node({ ...options, listen: '127.0.0.4' })
    await until('a line of the third', () => lines(`DNS does not know ${NAME} (`).length >= 2)
    expect([others(node), others(other), others(third)]).toEqual([1, 1, 0])
  })

  it('makes an open node that stays on this machine dial no other one', async () => {
    server = await DnsServer.start({ localhost: ['192.0.2.7', '127.0.0.2', '127.0.0.3'] })
    const discovery = `dns://localhost:${port}?server=${server.place}`
    const [node, other] = [
      await mesh.node({ discovery, listen: '127.0.0.2' }), await mesh.node({ discovery, listen: '127.0.0.3' })
    ]
    await until('each other', () => others(node) === 1 && others(other) === 1)
    expect(counted(node)).toEqual([['distantPlace', 1]])
    // One line of each.
    expect(lines('refused to dial an address beyond this machine')).toHaveLength(2)
  })
})
