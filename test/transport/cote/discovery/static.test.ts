import { once } from 'node:events'
import { createServer } from 'node:net'
import { staticNodes, type DistributedModule, type DistributedModuleOptions } from 'feathers-mesh'
import { Authority } from '../../../security/authority'
import { freePort } from '../../../free-port'
import { CoteMesh, SECRET } from '../../../security/mesh-of'
import type { TodoService } from '../../../todo-service'
import { until } from '../../../until'

let mesh: CoteMesh

beforeEach(() => { mesh = new CoteMesh() })
afterEach(async () => await mesh.end())

/** The nodes that a node sees beside itself. */
const others = (node: DistributedModule): number => node.nodes().length - 1

/** What a node has counted. */
const counted = (node: DistributedModule): unknown => Object.entries(node.counters()).filter(([, count]) => count > 0)

const onIPv4 = (n: number): string => `127.0.0.${n + 1}`
const onIPv6 = (): string => '[::1]'

/** Places on this machine where nobody listens yet. */
async function places (count: number, address = onIPv4): Promise<string[]> {
  return await Promise.all(Array.from({ length: count }, async (_, n) => `${address(n)}:${await freePort()}`))
}

const closed: Array<[what: string, options: DistributedModuleOptions]> = [
  ['in an open mesh', {}], ['in a mesh with a secret', { secret: SECRET }],
  ['in a mesh with certificates', { tls: Authority.make().node('default') }]
]

describe.each(closed)('nodes at places that a list names %s', (_what, options) => {
  it.each([
    ['host', 'IPv4', onIPv4], ['consumer', 'IPv4', onIPv4], ['host', 'IPv6', onIPv6], ['consumer', 'IPv6', onIPv6]
  ])('call each other when each is in the list, and the %s comes first, over %s', async (first, _family, address) => {
    const list = await places(2, address)
    const discovery = `static://${list.join(',')}`
    const host = async (): Promise<DistributedModule> => await mesh.host({ ...options, discovery, listen: list[0] })
    if (first === 'host') await host()
    const consumer = mesh.consumer({ ...options, discovery, listen: list[1] })
    if (first === 'consumer') await host()
    expect(await (await consumer).find()).toEqual([])
    expect(mesh.log).toEqual([])
  })

  it.each([
    ['host', 'the host'], ['host', 'the consumer'], ['consumer', 'the host'], ['consumer', 'the consumer']
  ])('call each other when the list of the %s alone names another one, and %s comes first', async (asking, first) => {
    const [ofHost, ofConsumer, nowhere] = await places(3)
    const host = async (): Promise<DistributedModule> => await mesh.host({
      ...options, listen: ofHost, discovery: staticNodes([asking === 'host' ? ofConsumer : nowhere])
    })
    if (first === 'the host') await host()
    const consumer = mesh.consumer({
      ...options, listen: ofConsumer, discovery: staticNodes([asking === 'consumer' ? ofHost : nowhere])
    })
    if (first === 'the consumer') await host()
    expect(await (await consumer).find()).toEqual([])
    expect(mesh.log).toEqual([])
  })

  it('leave with a goodbye, on either side of the connection, and are found again', async () => {
    const list = await places(2)
    const asking = await mesh.node({ ...options, discovery: `static://${list[1]}`, listen: list[0] })
    const asked = { ...options, discovery: `static://${list[1]}`, listen: list[1] }
    const first = await mesh.node(asked)
    await until('each other', () => others(asking) === 1 && others(first) === 1)
    await first.stop()
    await until('a goodbye', () => others(asking) === 0)
    const second = await mesh.node(asked)
    await until('each other again', () => others(asking) === 1 && others(second) === 1)
    await asking.stop()
    await until('another goodbye', () => others(second) === 0)
    expect(mesh.log).toEqual([])
  })
})

describe('a node at a place', () => {
  it('is one node, and not asked again, where the list names itself, or another node twice', async () => {
    const [first, second] = [await freePort(), await freePort()]
    const hosts = ['127.0.0.1', '127.0.0.2', 'localhost']
    const discovery = staticNodes([first, second].flatMap(port => hosts.map(host => `${host}:${port}`)))
    const options = { discovery, secret: SECRET, cote: { helloInterval: 20, address: '0.0.0.0' } }
    const nodes = [
      await mesh.node({ ...options, listen: `:${first}` }), await mesh.node({ ...options, listen: `:${second}` })
    ]
    await until('each other', () => nodes.every(node => others(node) === 1))
    const host = await mesh.host({ secret: SECRET, discovery, cote: { helloInterval: 20 } })
    await until('all', () => nodes.every(node => others(node) === 2) && others(host) === 2)
    expect([...nodes, host].map(counted)).toEqual([[], [], []])
    expect(mesh.log).toEqual([])
  })

  it('is not seen by one of another environment', async () => {
    const list = await places(3)
    const discovery = `static://${list.join(',')}`
    const [node, same] = [
      await mesh.node({ discovery, listen: list[0] }), await mesh.node({ discovery, listen: list[1] })
    ]
    const other = await mesh.node({ discovery, listen: list[2], cote: { environment: 'elsewhere' } })
    await until('each other', () => others(node) === 1 && others(same) === 1)
    expect(others(other)).toBe(0)
  })

  it('tells others when its services change', async () => {
    const list = await places(2)
    const [caller, host] = [
      await mesh.node({ discovery: staticNodes([list[1]]), listen: list[0] }),
      await mesh.node({ discovery: staticNodes([list[1]]), listen: list[1] })
    ]
    await until('each other', () => others(caller) === 1 && others(host) === 1)
    const find = async (): Promise<string[]> => ['later']
    host.app.use('late', { find })
    caller.app.use('early', { find })
    const offers = (node: DistributedModule, service: string): boolean => {
      return node.services().some(({ path }) => path === service)
    }
    await until('both services', () => offers(caller, 'late') && offers(host, 'early'))
  })
})

describe('nodes that are found by places and by packets', () => {
  it('are one node each', async () => {
    const list = await places(2)
    const discovery = ['broadcast://127.255.255.255', `static://${list.join(',')}`]
    const options = { discovery, secret: SECRET, cote: { helloInterval: 20 } }
    const nodes = [await mesh.host({ ...options, listen: list[0] }), await mesh.node({ ...options, listen: list[1] })]
    await until('each other', () => nodes.every(node => others(node) === 1))
    const byPackets = await mesh.node({ secret: SECRET, discovery: 'broadcast://127.255.255.255' })
    await until('all', () => nodes.every(node => others(node) === 2) && others(byPackets) === 2)
    expect(nodes.map(counted)).toEqual([[], []])
    expect(mesh.log).toEqual([])
  })
})

describe('a place in a list where no node is found', () => {
  it('is named, with the reason, by nodes() and by the errors of calls', async () => {
    const [refusing] = await places(1)
    const [other] = await places(1)
    const web = createServer(socket => {
      // Unread bytes would keep its end from being seen.
      socket.on('error', () => {}).resume().end('HTTP/1.1 400 Bad Request\r\n\r\n')
    })
    web.listen(Number(other.split(':')[1]), '127.0.0.1')
    await once(web, 'listening')
    const node = await mesh.node({ discovery: staticNodes([refusing, other]), timeout: 500 })
    const reasons = (): Map<string, string> => {
      return new Map(node.nodes({ unreachable: true }).map(({ address, reason }) => [address, reason]))
    }
    await until('both', () => reasons().size === 2)
    expect(reasons().get(refusing)).toContain('ECONNREFUSED')
    expect(reasons().get(other)).toContain('does not say which node it is')
    await expect(node.remote<TodoService>('todos').find()).rejects.toThrow(`no node was found at ${refusing}`)
    web.close()
    await mesh.node({ listen: refusing, discovery: staticNodes([refusing]) })
    await until('the node', () => others(node) === 1)
    expect(reasons().has(refusing)).toBe(false)
  })
})
