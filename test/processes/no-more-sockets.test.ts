import type { Socket } from 'node:net'
import { DiscoveryPort, FakeResponder, hello } from '../transport/cote/wire'
import { TestProcesses, type TestProcess } from '../process'

// Several processes start here, on whatever machine this is; each step has limits of its own.
jest.setTimeout(120_000)

/** A process that may open no more files and sockets than this; Node itself takes about 25. */
const FEW_DESCRIPTORS = ['sh', '-c', 'ulimit -n 72; exec "$@"', 'sh']
const PORTS = 200

const create = { method: 'create', args: [{ title: 'Buy milk' }] }

describe('a node of a process that has no more file descriptors', () => {
  const processes = new TestProcesses()
  const discovery = new DiscoveryPort()
  let servers: FakeResponder[]

  beforeEach(async () => {
    const treat = (socket: Socket): void => { socket.resume().on('end', () => socket.destroy()) }
    servers = Array.from({ length: PORTS }, () => new FakeResponder(treat))
    await discovery.open()
  })

  afterEach(async () => {
    await discovery.close()
    for (const server of servers) await server.close()
  })

  /** The environment that a process says hello in. */
  async function environmentOf (node: TestProcess): Promise<string> {
    const id = (await node.ask<Array<{ id: string }>>('nodes'))[0].id
    const packet = await node.until('its hello', () => discovery.hellos.find(({ iid }) => iid === id))
    return packet.data.advertisement.key.split(':$$', 1).join('')
  }

  it('keeps its members, calls them, and finds others as soon as there are some again', async () => {
    const consumer = await processes.run('consumer', {}, FEW_DESCRIPTORS)
    const first = await processes.run('host', { REPLICA: 'A' })
    await first.ask('start')
    await consumer.ask('start')
    const environment = await environmentOf(first)
    const ports = await Promise.all(servers.map(async server => await server.listen()))
    const dialled = (): number => servers.filter(({ connections }) => connections.length > 0).length
    let sent = 0
    await consumer.until('more nodes to be asked than there are descriptors', async () => {
      for (let n = 0; n < 10; n++) await discovery.send(hello(`storm-${sent}`, environment, ports[sent++ % PORTS]))
      return dialled() > 100
    })
    expect(await consumer.ask('call', create)).toMatchObject({ replica: 'A' })
    await first.stop()
    const second = await processes.run('host', { REPLICA: 'B' })
    await second.ask('start')
    expect(await consumer.ask('call', create)).toMatchObject({ replica: 'B' })
    await second.stop()
  })
})
