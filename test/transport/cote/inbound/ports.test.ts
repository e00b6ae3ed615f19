import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { DistributedModule, type CoteOptions } from 'feathers-mesh'
import { watchHandles } from '../../../handles'
import { DiscoveryPort } from '../wire'

const LOOPBACK = '127.0.0.1'
const BROADCAST = '127.255.255.255'

describe('the ports of a node', () => {
  const nodes: DistributedModule[] = []
  const servers: Server[] = []
  const sockets: UdpSocket[] = []
  let discovery: DiscoveryPort

  beforeEach(async () => {
    discovery = new DiscoveryPort()
    await discovery.open()
  })

  afterEach(async () => {
    await Promise.all(nodes.splice(0).map(async node => await node.stop()))
    for (const server of servers.splice(0)) server.close()
    for (const socket of sockets.splice(0)) socket.close()
    await discovery.close()
  })

  function makeNode (cote: CoteOptions = {}): DistributedModule {
    const node = DistributedModule.forRoot({ cote: { environment: `ports-${process.pid}`, ...cote } })
    nodes.push(node)
    return node
  }

  /** The port of a started node, as it announces it. */
  async function portOf (node: DistributedModule): Promise<number> {
    return (await discovery.answerOf(node.nodes()[0].id)).data.advertisement.port
  }

  /** A port that the operating system gives nobody who doesn't ask for it, so that it stays free. */
  function anyPort (): number {
    return 10_000 + Math.floor(Math.random() * 20_000)
  }

  /** Takes a port as another program would. */
  async function takePort (port = anyPort()): Promise<number> {
    const server = createServer()
    servers.push(server)
    server.listen(port, LOOPBACK)
    await once(server, 'listening')
    return port
  }

  /** Takes a UDP port for itself alone. */
  async function takeUdpPort (): Promise<number> {
    const port = anyPort()
    const socket = createSocket('udp4')
    sockets.push(socket)
    socket.bind({ port, address: BROADCAST, exclusive: true })
    await once(socket, 'listening')
    return port
  }

  it('are chosen by the operating system by default', async () => {
    const [one, two] = [makeNode(), makeNode()]
    await Promise.all([one.start(), two.start()])
    const ports = [await portOf(one), await portOf(two)]
    expect(new Set(ports).size).toBe(2)
    for (const port of ports) expect(port).toBeGreaterThan(1023)
  })

  it('are taken from the configured range in order, without those in use', async () => {
    const taken = await takePort()
    const range = { basePort: taken, highestPort: taken + 20 }
    const [one, two] = [makeNode(range), makeNode(range)]
    await one.start()
    await two.start()
    const [first, second] = [await portOf(one), await portOf(two)]
    expect(first).toBeGreaterThan(taken)
    expect(second).toBeGreaterThan(first)
    expect(second).toBeLessThanOrEqual(taken + 20)
  })

  it('are a single port when only basePort is given', async () => {
    const port = anyPort()
    const node = makeNode({ basePort: port })
    await node.start()
    expect(await portOf(node)).toBe(port)
  })

  it('are refused in a clear error, with nothing left open, when the given one is in use', async () => {
    const basePort = await takePort()
    const nothingLeft = watchHandles()
    const node = makeNode({ basePort })
    await expect(node.start()).rejects.toMatchObject({
      name: 'ConfigurationError',
      faults: [expect.stringMatching(new RegExp(`^port ${basePort} .*in use.*basePort`))]
    })
    await nothingLeft()
    await node.stop()
  })

  it('are refused in a clear error when the whole range is in use', async () => {
    const basePort = await takePort()
    await takePort(basePort + 1).catch(() => {})
    const node = makeNode({ basePort, highestPort: basePort + 1 })
    // The second port is in use, either by this test or by another program.
    await expect(node.start()).rejects.toThrow(`all ports from ${basePort} to ${basePort + 1} are in use`)
  })

  it('are refused in a clear error when another program has the discovery port exclusively', async () => {
    const port = await takeUdpPort()
    const nothingLeft = watchHandles()
    const node = makeNode({ port })
    await expect(node.start()).rejects.toMatchObject({
      name: 'ConfigurationError',
      faults: [expect.stringMatching(new RegExp(`^UDP port ${port} .*is taken`))]
    })
    await nothingLeft()
  })

  it('can be bound by the next start after a failed start', async () => {
    const basePort = await takePort()
    const node = makeNode({ basePort })
    await expect(node.start()).rejects.toThrow('in use')
    const [server] = servers.splice(0)
    server.close()
    await once(server, 'close')
    await node.start()
    expect(await portOf(node)).toBe(basePort)
  })

  it('accept connections on 127.0.0.1 only', async () => {
    const node = makeNode()
    await node.start()
    const port = await portOf(node)
    const socket = connect({ host: LOOPBACK, port })
    await once(socket, 'connect')
    socket.destroy()
    const refused = connect({ host: '127.0.0.2', port })
    await expect(once(refused, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  const describeLinux = existsSync('/proc/net/udp') ? describe : describe.skip
  describeLinux('in the tables of the kernel', () => {
    /** The local addresses, in the kernel's hexadecimal form, on which sockets are bound to a port. */
    function addresses (protocol: 'tcp' | 'tcp6' | 'udp' | 'udp6', port: number): string[] {
      const path = `/proc/net/${protocol}`
      if (!existsSync(path)) return []
      const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
      return readFileSync(path, 'utf8').split('\n').slice(1)
        .map(line => line.trim().split(/\s+/)[1] ?? '')
        .filter(address => address.endsWith(suffix))
        .map(address => address.slice(0, -suffix.length))
    }

    /** The kernel writes the bytes of an address in the order of the machine. */
    function isAddress (hexadecimal: string, address: string): boolean {
      const bytes = Buffer.from(hexadecimal, 'hex')
      return [[...bytes], [...bytes].reverse()].some(parts => parts.join('.') === address)
    }

    it('are bound to loopback only: TCP and answers to its address, hellos to its broadcast address', async () => {
      const [udpPort, basePort] = [anyPort(), anyPort()]
      const node = makeNode({ port: udpPort, basePort })
      const hellos = new DiscoveryPort(udpPort)
      await hellos.open()
      try {
        await node.start()
        const { mesh } = (await hellos.answerOf(node.nodes()[0].id)).data.advertisement
        const { answerPort } = mesh as { answerPort: number }

        // The second socket on the port of discovery is the one that this test reads hellos with.
        const [tcp, udp] = [addresses('tcp', basePort), addresses('udp', udpPort)]
        const answers = addresses('udp', answerPort)
        expect([tcp.length, udp.length, answers.length]).toEqual([1, 2, 1])
        expect([tcp[0], answers[0]].map(address => isAddress(address, LOOPBACK))).toEqual([true, true])
        expect(udp.map(address => isAddress(address, BROADCAST))).toEqual([true, true])
        expect([...addresses('tcp6', basePort), ...addresses('udp6', udpPort)]).toEqual([])
      } finally {
        await hellos.close()
      }
    })
  })
})
