import { createServer, type AddressInfo, type Socket } from 'node:net'
import { once } from 'node:events'
import { ConfigurationError, dns, staticNodes, type DistributedModule } from 'feathers-mesh'
import { DialledSockets } from '../../../processes/dialled-sockets'
import { freePort } from '../../../free-port'
import { CoteMesh, SECRET } from '../../../security/mesh-of'
import { RawConnection } from '../../../security/raw-connection'
import { rejection, until } from '../../../until'
import { frame, hello } from '../wire'
import { MappedPort } from './mapped-port'

let mesh: CoteMesh
const finallyDo: Array<() => unknown> = []

beforeEach(() => { mesh = new CoteMesh() })

afterEach(async () => {
  for (const action of finallyDo.splice(0)) await action()
  await mesh.end()
})

const others = (node: DistributedModule): number => node.nodes().length - 1

/** A connection of somebody who asks a node by hand. */
async function stranger (port: number): Promise<RawConnection> {
  const raw = await RawConnection.to(port)
  finallyDo.push(() => raw.socket.destroy())
  return raw
}

/** A program that takes connections where a node should be. */
async function programAt (treat: (socket: Socket) => void): Promise<{ readonly port: number }> {
  const server = createServer(socket => {
    socket.on('error', () => {})
    finallyDo.push(() => socket.destroy())
    treat(socket)
  }).listen(0, '127.0.0.1')
  finallyDo.push(() => server.close())
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port }
}

/** Hellos in a message of a stranger. */
const hellos = (count: number, characters = 10): object => ({ hellos: Array(count).fill('x'.repeat(characters)) })

describe('a stranger that asks a node of an open mesh', () => {
  let node: DistributedModule
  let port: number

  beforeEach(async () => {
    port = await freePort()
    node = await mesh.node({ discovery: staticNodes([`127.0.0.9:${await freePort()}`]), listen: `127.0.0.1:${port}` })
  })

  it('gets the hellos of the node, and then those that follow', async () => {
    const raw = await stranger(port)
    raw.ask('1', { type: 'mesh:hellos', data: { hellos: [] } })
    const answer = await until('an answer', () => raw.answer('1'))
    expect(answer).toEqual([null, { hellos: [expect.stringContaining('"event":"hello"')] }])
    node.app.use('late', { find: async () => [] })
    const said = (event: string): boolean => JSON.stringify(raw.answer('!hellos') ?? '').includes(event)
    await until('another hello', () => said('hello'))
    raw.frames.length = 0
    await node.stop()
    await until('a goodbye', () => said('goodbye'))
  })

  it.each<[string, unknown]>([
    ['more than 8 hellos', hellos(9)], ['a hello of more than 32768 characters', hellos(1, 32_769)],
    ['no hellos', null], ['numbers', { hellos: [1] }], ['a list', []]
  ])('is cut off when it sends %s', async (_what, data) => {
    const raw = await stranger(port)
    raw.ask('1', { type: 'mesh:hellos', data })
    await until('the end of the connection', () => raw.closed)
    expect(node.counters().malformedFrame).toBe(1)
    const other = await stranger(port)
    other.ask('1', { type: 'mesh:hellos', data: hellos(8, 32_768) })
    await until('an answer', () => other.answer('1'))
    expect(node.counters().malformedPacket).toBe(8)
  })

  it('is read more slowly when it says hello without end, and members are found meanwhile', async () => {
    const raw = await stranger(port)
    const packet = frame(`j:${JSON.stringify({ type: 'mesh:hellos', data: hellos(8) })}`, 's:!')
    const flood = setInterval(() => {
      if (raw.socket.writableLength < 100_000) raw.socket.write(Buffer.concat(Array<Buffer>(500).fill(packet)))
    }, 1)
    finallyDo.push(() => clearInterval(flood))
    await until('a pause', () => node.counters().throttledControl > 0)
    const member = await mesh.node({ discovery: staticNodes([`127.0.0.1:${port}`]) })
    await until('a member', () => others(node) === 1 && others(member) === 1)
    // Each counts as 100 of 20,000, and as one more for each 200 characters.
    expect(node.counters().malformedPacket).toBeLessThan(8 * 200 * 20)
  })

  it('can\'t make the node dial another machine, whatever it advertises', async () => {
    const raw = await stranger(port)
    const said = hello('stranger', mesh.cote.environment, 9)
    const { data: { advertisement } } = said as { data: { advertisement: { mesh: object } } }
    Object.assign(advertisement.mesh, { advertise: '192.0.2.7:80' })
    raw.ask('1', { type: 'mesh:hellos', data: { hellos: [JSON.stringify(said)] } })
    await until('an answer', () => raw.answer('1'))
    const missing = node.remote<{ find: () => Promise<unknown> }>('missing')
    const reason = await until('a failed dial', async () => {
      const { message } = await rejection(missing.with({ timeout: 50 }).find())
      return message.includes('127.0.0.1:9') ? message : undefined
    })
    expect(reason).not.toContain('192.0.2.7')
  })
})

/** What answers a node that asks for hellos. */
const ANSWER = frame('j:null', `j:${JSON.stringify(hellos(8))}`, 's:2')

const introduced = (id: string): Buffer => frame('j:null', `j:${JSON.stringify({ id })}`, 's:1')

describe('a program at a place where a node should be', () => {
  it.each<[string, (socket: Socket) => void]>([
    ['closes each connection', socket => socket.destroy()],
    ['says nothing', () => {}],
    ['says what no node does', socket => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['answers with hellos before it says who it is', socket => socket.write(ANSWER)],
    ['says twice who it is', socket => socket.write(Buffer.concat(['one', 'two'].map(introduced)))]
  ])('costs nothing but tries that become rare when it %s', async (_what, treat) => {
    let connections = 0
    const { port } = await programAt(socket => {
      connections++
      treat(socket)
    })
    const [first, second] = [await freePort(), await freePort()]
    const discovery = staticNodes([`127.0.0.1:${port}`, `127.0.0.1:${first}`])
    const node = await mesh.node({ discovery, listen: `127.0.0.1:${first}` })
    const other = await mesh.node({ discovery, listen: `127.0.0.1:${second}` })
    await until('each other', () => others(node) === 1 && others(other) === 1)
    await until('connections', () => connections >= 2)
    expect(connections).toBeLessThan(20)
  })

  it('is left when it sends a message of more than 262144 bytes', async () => {
    let isClosed = false
    const { port } = await programAt(socket => {
      socket.once('close', () => { isClosed = true })
      socket.write(Buffer.concat([frame('j:null', `j:"${'x'.repeat(262_300)}"`, 's:1')]))
    })
    const node = await mesh.node({ discovery: staticNodes([`127.0.0.1:${port}`]) })
    await until('the end of the connection', () => isClosed)
    expect(node.counters().overlongMessage).toBeGreaterThan(0)
  })

  it('is read more slowly when it sends more than 200 messages a second', async () => {
    const packets = Buffer.concat(Array<Buffer>(50).fill(frame('j:{"hellos":[]}', 's:!hellos')))
    const { port } = await programAt(socket => {
      const flood = setInterval(() => socket.write(packets), 5)
      socket.once('close', () => clearInterval(flood))
    })
    const node = await mesh.node({ discovery: staticNodes([`127.0.0.1:${port}`]) })
    await until('a pause', () => node.counters().throttledEvents > 0)
  })
})

describe('two nodes that ask each other', () => {
  it('keep one connection for hellos', async () => {
    const list = [`127.0.0.2:${await freePort()}`, `127.0.0.3:${await freePort()}`]
    const options = { discovery: staticNodes(list), cote: { helloInterval: 50, idleTimeout: 100 } }
    const nodes = [await mesh.node({ ...options, listen: list[0] }), await mesh.node({ ...options, listen: list[1] })]
    await until('each other', () => nodes.every(node => others(node) === 1))
    await until('one connection', () => connectionsTo(list) === 1)
    expect(nodes.map(others)).toEqual([1, 1])
  })

  it('make no other connection while they say hello', async () => {
    const list = [`127.0.0.2:${await freePort()}`, `127.0.0.3:${await freePort()}`]
    const options = { discovery: staticNodes(list), secret: SECRET }
    const one = await mesh.node({ ...options, listen: list[0] })
    const other = await mesh.node({ ...options, listen: list[1] })
    // One for hellos, and one in each direction for calls.
    await until('three connections', () => connectionsTo(list) === 3)
    const dialled = new DialledSockets()
    finallyDo.push(() => dialled.end())
    for (let n = 0; n < 5; n++) {
      one.app.use(`of-one-${n}`, { find: async () => [] })
      other.app.use(`of-other-${n}`, { find: async () => [] })
      await until('both', () => [one, other].every(node => node.services().length === 2 * n + 2))
    }
    expect(dialled.count).toBe(0)
  })
})

/** Connections of this process to some ports of this machine: the side that dialled. */
function connectionsTo (places: readonly string[]): number {
  const ports = places.map(place => Number(place.split(':')[1]))
  const { _getActiveHandles: handles } = process as unknown as { _getActiveHandles: () => unknown[] }
  return handles.call(process).filter(handle => {
    const { remotePort = 0, destroyed } = handle as Partial<Socket>
    return destroyed === false && ports.includes(remotePort)
  }).length
}

describe('a way by places that a function makes', () => {
  it('is refused when it is wrong', () => {
    expect(() => staticNodes(['todos'])).toThrow(ConfigurationError)
    expect(() => staticNodes(['todos'])).toThrow('staticNodes() needs the port of each node')
    expect(() => staticNodes([])).toThrow('staticNodes() takes a list of addresses or names')
    expect(() => dns({ name: 'todos' })).toThrow('dns() must be followed by a name and a port')
    expect(() => dns({ name: 'todos:4100', server: 'dns' })).toThrow('dns() has a query that is wrong')
  })
})

describe('the address that a node advertises', () => {
  it.each<[string, object, (place: string) => string[]]>([
    ['in sealed hellos', { secret: SECRET }, () => ['broadcast://127.255.255.255']],
    ['by places, in an open mesh', {}, place => [`static://${place}`]]
  ])('is the one that others dial, with its port, %s', async (_what, security, discovery) => {
    const port = await freePort()
    const mapped = await MappedPort.at('127.0.0.5', port)
    finallyDo.push(() => mapped.close())
    const { place } = mapped
    const waysOf = { ...security, discovery: discovery(`127.0.0.1:${port}`) }
    const host = await mesh.host({ ...waysOf, listen: `127.0.0.1:${port}`, advertise: place })
    const consumer = await mesh.consumer(waysOf)
    expect(await consumer.find()).toEqual([])
    expect(mapped.connections).toBe(1)
    expect(others(host)).toBe(1)
  })

  it('counts for nothing in the packets of an open mesh', async () => {
    const nowhere = `127.0.0.5:${await freePort()}`
    await mesh.host({ advertise: nowhere })
    expect(await (await mesh.consumer()).find()).toEqual([])
  })
})
