import { randomUUID } from 'node:crypto'
import { Server, Socket } from 'node:net'
import { deflateRawSync } from 'node:zlib'
import type { Contract, Transport } from 'feathers-mesh'
import type { Peer } from 'feathers-mesh/transport'
import { BareNode, type BareNodeOptions } from '../../bare-node'
import { hashed } from '../../../lib/transport/session/contracts/contract-list'
import { ContractExchange } from '../../../lib/transport/session/contracts/contract-exchange'
import { tellList } from '../../../lib/transport/session/contracts/told-list'
import { LostNodes } from '../../../lib/transport/cote/outbound/lost-nodes'
import { until } from '../../until'
import { resourcesOf } from '../resources'
import { CoteUnderTest } from './cote-under-test'
import { DiscoveryPort, FakeResponder, forgedHello, frame, sayTo, type Hello } from './wire'

let meshes = 0
const stops: Transport[] = []
let environment: string
let mesh: CoteUnderTest

beforeEach(() => {
  environment = `lists-${process.pid}-${++meshes}`
  mesh = new CoteUnderTest({ environment, helloInterval: 100 })
})

afterEach(async () => {
  await Promise.all(stops.splice(0).map(async transport => await transport.stop(0)))
})

const contractOf = (path: string): Contract =>
  ({ path, methods: [{ name: 'find', idempotent: true }], events: ['created'] })

/** Events with so many names that no hello carries a list with them: nodes ask each other for it. */
const MANY_EVENTS = ['created', ...Array.from({ length: 100 }, () => randomUUID())]

async function start (id: string, path?: string, options: BareNodeOptions = {}): Promise<BareNode> {
  const transport = mesh.transport()
  stops.push(transport)
  const contracts = path === undefined ? [] : [{ ...contractOf(path), events: MANY_EVENTS }]
  const serve: BareNodeOptions['serve'] = (_request, reply) => reply(null, id)
  return await new BareNode(transport, { id, contracts, serve, ...options }).start()
}

/** How many connections a node has, in both directions. */
const connectionsOf = ({ transport }: BareNode): number =>
  resourcesOf(transport).filter(resource => resource instanceof Socket && !resource.destroyed).length

const portOf = ({ transport }: BareNode): number => {
  const server = resourcesOf(transport).find(resource => resource instanceof Server)
  const address = server instanceof Server ? server.address() : null
  return typeof address === 'object' && address !== null ? address.port : 0
}

const pathsOf = ({ peers }: BareNode, id: string): readonly string[] | undefined =>
  peers.get(id)?.contracts.map(({ path }) => path)

async function knows (node: BareNode, ids: readonly string[]): Promise<void> {
  await until(`${ids.join(', ')} at ${node.id}`, () => ids.every(id => pathsOf(node, id) !== undefined))
}

/** A request of one node as it travels, to another one that is or is not at this port. */
async function answerTo (port: number, introduction: object, request: object): Promise<string> {
  const caller = frame(`j:${JSON.stringify({ type: 'mesh:caller', data: introduction })}`, 's:1:1')
  return String(await sayTo(port, Buffer.concat([caller, frame(`j:${JSON.stringify(request)}`, 's:1:2')]), { end: true }))
}

describe('nodes whose lists fit into their hellos', () => {
  it.each([['an open mesh', {}], ['a closed mesh', { secret: 'a secret of many characters' }]])(
    'know what all others offer without a connection, in %s', async (_where, security) => {
      mesh = new CoteUnderTest({ environment, helloInterval: 100 }, security)
      const asked = jest.spyOn(ContractExchange.prototype, 'fetch')
      const ids = Array.from({ length: 8 }, (_, n) => `node-${n}`)
      const nodes = await Promise.all(ids.map(async id => await start(id, undefined, { contracts: [contractOf(id)] })))
      for (const node of nodes) await knows(node, ids.filter(id => id !== node.id))
      expect(nodes.map(connectionsOf)).toEqual(nodes.map(() => 0))
      expect(pathsOf(nodes[0], 'node-5')).toEqual(['node-5'])
      expect(await nodes[0].ask('node-5', { method: 'find', path: 'node-5' })).toBe('node-5')
      expect(nodes.map(connectionsOf).filter(count => count > 0)).toHaveLength(2)
      // The introduction told that the list is that of the node.
      expect(asked).not.toHaveBeenCalled()
      asked.mockRestore()
    })

  it('are followed when they offer something else', async () => {
    const [host, other] = [await start('host', undefined, { contracts: [contractOf('before')] }), await start('other')]
    await knows(other, ['host'])
    host.offered = [contractOf('after')]
    void host.transport.announce()
    await until('the change', () => pathsOf(other, 'host')?.includes('after'))
    expect([pathsOf(other, 'host'), connectionsOf(other)]).toEqual([['after'], 0])
  })

  it.each([['an open mesh', {}, true], ['a closed mesh', { secret: 'a secret of many characters' }, false]])(
    'tell themselves what they offer now once they have answered, as others could say it, in %s',
    async (_where, security, isAsked) => {
      mesh = new CoteUnderTest({ environment, helloInterval: 100 }, security)
      const host = await start('host', undefined, { contracts: [contractOf('before')] })
      const other = await start('other')
      await knows(other, ['host'])
      await other.ask('host', { method: 'find', path: 'before' })
      await until('its own word', () => other.peers.get('host')?.isUnproven === undefined)
      const asked = jest.spyOn(ContractExchange.prototype, 'fetch')
      try {
        host.offered = [contractOf('after')]
        void host.transport.announce()
        await until('the change', () => pathsOf(other, 'host')?.includes('after'))
        expect(asked.mock.contexts.some(each => (each as ContractExchange).id === 'host')).toBe(isAsked)
      } finally {
        asked.mockRestore()
      }
    })

  it('keep what they offer when a stranger says in the name of one that it offers something else', async () => {
    const host = await start('host', undefined, { contracts: [contractOf('todos')] })
    const caller = await start('caller')
    await knows(caller, ['host'])
    await caller.ask('host', { method: 'find', path: 'todos' })
    const discovery = new DiscoveryPort()
    await discovery.open()
    try {
      const heard = await until('the hello', () => discovery.hellos.find(({ iid }) => iid === 'host'))
      const forged = JSON.parse(JSON.stringify(heard)) as Hello
      const { hash, text } = hashed(JSON.stringify([{ ...contractOf('todos'), events: [] }, contractOf('more')]))
      const { mesh: told } = heard.data.advertisement
      Object.assign(forged.data.advertisement, { mesh: { ...told, revision: 1_000, hash, list: tellList(text) } })
      const joined = jest.spyOn(caller, 'joined')
      await discovery.send(forged)
      await discovery.answerOf('caller')
      await until('the word of the host', async () => {
        host.offered = [contractOf('todos'), contractOf('own')]
        void host.transport.announce()
        return pathsOf(caller, 'host')?.includes('own')
      })
      const offers = joined.mock.calls.map(([peer]) => peer.contracts.map(({ path }) => path))
      expect(offers).not.toContainEqual(['todos', 'more'])
    } finally {
      await discovery.close()
    }
  })

  it('are asked where their hello carries another list, which is counted', async () => {
    const caller = await start('caller')
    const host = await start('host', 'todos')
    await knows(caller, ['host'])
    const discovery = new DiscoveryPort()
    await discovery.open()
    try {
      const { data: { advertisement: { mesh: told } } } =
        await until('the hello', () => discovery.hellos.find(({ iid }) => iid === 'host'))
      const list = deflateRawSync('[]').toString('base64url')
      const forged = forgedHello('liar', environment, portOf(host), { ...told, hash: 'x'.repeat(43), list })
      const refused = jest.spyOn(caller, 'onRejected')
      await discovery.send(forged)
      await until('the count', () => refused.mock.calls.length > 0)
      expect(refused).toHaveBeenCalledWith('wrongContracts', '127.0.0.1', 'in a hello of node liar')
      expect(caller.peers.has('liar')).toBe(false)
    } finally {
      await discovery.close()
    }
  })
})

describe('replicas of one service', () => {
  it('know each other without a connection, and call each other nevertheless', async () => {
    const ids = Array.from({ length: 8 }, (_, n) => `replica-${n}`)
    const nodes = await Promise.all(ids.map(async id => await start(id, 'todos')))
    for (const node of nodes) await knows(node, ids.filter(id => id !== node.id))
    expect(nodes.map(connectionsOf)).toEqual(nodes.map(() => 0))
    expect(nodes[0]?.peers.get('replica-5')).toMatchObject({ isUnproven: true })
    expect(await nodes[0]?.ask('replica-5', { method: 'find', path: 'todos' })).toBe('replica-5')
    expect(nodes.map(connectionsOf).filter(count => count > 0)).toEqual([1, 1])
    expect(nodes[0]?.peers.get('replica-5')).not.toHaveProperty('isUnproven')
    expect(nodes[0]?.peers.get('replica-6')).toMatchObject({ isUnproven: true })
  })

  it('answer first where their services are called, and join then', async () => {
    const ids = ['one', 'two', 'three']
    for (const id of ids) await start(id, 'todos')
    const transport = mesh.transport()
    stops.push(transport)
    const caller = new BareNode(transport, { id: 'caller' })
    const joined: Peer[] = []
    Object.assign(caller, {
      needs: ({ contracts }: Peer) => contracts.some(({ path }) => path === 'todos'),
      joined: (peer: Peer) => joined.push(peer)
    })
    await caller.start()
    await until('the replicas', () => new Set(joined.map(({ id }) => id)).size === 3)
    expect(joined.filter(({ isUnproven }) => isUnproven === true)).toEqual([])
    expect(connectionsOf(caller)).toBe(3)
  })

  it('have their events heard, each over a connection that is opened for it', async () => {
    const [first, listener] = [await start('first', 'todos'), await start('listener', 'todos')]
    await knows(listener, ['first'])
    listener.transport.subscribe('todos')
    await until('the subscription', () => first.listeners.length > 0)
    first.transport.publish({ path: 'todos', key: first.key, event: 'created', args: [1] })
    await until('the event', () => listener.events.length > 0)
    expect(listener.events[0]).toMatchObject({ path: 'todos', event: 'created', args: [1] })
  })
})

describe('a replica that vanishes before anybody has connected to it', () => {
  it.each([[true, 'a closed mesh', { secret: 'a secret of many characters' }], [false, 'an open mesh', {}]])(
    'is looked for as one that was connected: %p, in %s', async (isKnown, _where, security) => {
      const add = jest.spyOn(LostNodes.prototype, 'add')
      try {
        mesh = new CoteUnderTest({ environment, helloInterval: 100, checkInterval: 100, nodeTimeout: 500 }, security)
        const [caller] = [await start('caller', 'todos'), await start('gone', 'todos')]
        await knows(caller, ['gone'])
        await mesh.hooks().kill?.('gone')
        await until('the loss', () => !caller.peers.has('gone'))
        expect(add).toHaveBeenCalledWith(expect.objectContaining({ iid: 'gone' }), isKnown)
      } finally {
        add.mockRestore()
      }
    })
})

describe('a newcomer to nodes that know each other', () => {
  it('opens few connections, and learns what each of them offers', async () => {
    const ids = Array.from({ length: 24 }, (_, n) => `node-${n}`)
    const nodes = await Promise.all(ids.map(async id => await start(id, id)))
    for (const node of nodes) await knows(node, ids.filter(id => id !== node.id))
    const newcomer = await start('newcomer')
    await knows(newcomer, ids)
    expect(ids.map(id => pathsOf(newcomer, id))).toEqual(ids.map(id => [id]))
    expect(connectionsOf(newcomer)).toBeLessThan(10)
    expect(await newcomer.ask('node-23', { method: 'find', path: 'node-23' })).toBe('node-23')
  })

  it('follows a node that offers something else', async () => {
    const [host, other] = [await start('host', 'before'), await start('other')]
    await knows(other, ['host'])
    host.offered = [contractOf('after')]
    void host.transport.announce()
    await until('the change', () => pathsOf(other, 'host')?.[0] === 'after')
    host.offered = [contractOf('before')]
    void host.transport.announce()
    await until('the change back', () => pathsOf(other, 'host')?.[0] === 'before')
  })
})

describe('a node whose hello tells of a list that is known', () => {
  it('is asked itself once it could not be reached, whatever its further hellos tell', async () => {
    const [host, caller] = [await start('host', 'todos'), await start('caller')]
    await knows(caller, ['host'])
    const discovery = new DiscoveryPort()
    await discovery.open()
    try {
      const heard = await until('the hello', () => discovery.hellos.find(({ iid }) => iid === 'host'))
      const forged = forgedHello('nobody', environment, 1, heard.data.advertisement.mesh)
      await until('the phantom', async () => {
        await discovery.send(forged)
        return caller.peers.has('nobody')
      })
      const call = caller.ask('nobody', { method: 'find', path: 'todos' })
      await expect(call).rejects.toMatchObject({ outcome: 'not-sent' })
      await until('its end', () => !caller.peers.has('nobody'))
      for (let n = 0; n < 5; n++) await discovery.send(forged)
      await discovery.answerOf('caller')
      expect(caller.peers.has('nobody')).toBe(false)
      expect(await caller.ask('host', { method: 'find', path: 'todos' })).toBe('host')
    } finally {
      await discovery.close()
    }
    expect(host.requests).toHaveLength(1)
  })
})

describe('a stranger that says hello with a list that is known', () => {
  it('is sent no call before it has told who it is, and joins only where it promises to tell', async () => {
    const [caller] = [await start('caller'), await start('host', 'todos')]
    await knows(caller, ['host'])
    const received: Buffer[] = []
    const silent = new FakeResponder(socket => socket.on('data', bytes => received.push(bytes)))
    const port = await silent.listen()
    const discovery = new DiscoveryPort()
    await discovery.open()
    try {
      const { data: { advertisement: { mesh: told } } } =
        await until('the hello', () => discovery.hellos.find(({ iid }) => iid === 'host'))
      const forged = (id: string, mesh: object): object => forgedHello(id, environment, port, mesh)
      await discovery.send(forged('vague', { ...told, now: undefined }))
      await until('the stranger', async () => {
        await discovery.send(forged('stranger', { ...told, now: Date.now() }))
        return caller.peers.has('stranger')
      })
      expect(caller.peers.get('stranger')).toMatchObject({ isUnproven: true })
      expect(caller.peers.get('host')).not.toHaveProperty('isUnproven')
      const request = { method: 'find', path: 'todos', deadline: Date.now() + 10_000 }
      await expect(caller.ask('stranger', request)).rejects.toMatchObject({ outcome: 'not-sent' })
      // It may only be frozen: its calls go to others, and it stays.
      expect(caller.peers.get('stranger')).toMatchObject({ isUnproven: true })
      expect(String(Buffer.concat(received))).toContain('mesh:caller')
      expect(String(Buffer.concat(received))).not.toContain('find')
      expect(caller.peers.has('vague')).toBe(false)
    } finally {
      await discovery.close()
      await silent.close()
    }
  })
})

describe('a node that has the address of another one', () => {
  it('refuses what is meant for that one, and runs nothing of it', async () => {
    const host = await start('host', 'todos')
    const request = { type: 'find', key: host.key, path: 'todos' }
    const meant = { node: 'caller', key: 'default', to: 'somebody' }
    expect(await answerTo(portOf(host), meant, request)).toContain('NotFound')
    expect(await answerTo(portOf(host), meant, { type: 'mesh:listen', data: ['todos'] })).toContain('NotFound')
    expect(await answerTo(portOf(host), meant, { type: 'mesh:contracts' })).toContain('"id":"host"')
    expect(host.requests).toEqual([])
    expect(await answerTo(portOf(host), { ...meant, to: 'host' }, request)).toContain('"host"')
    expect(await answerTo(portOf(host), { node: 'caller', key: 'default' }, request)).toContain('"host"')
    expect(host.requests).toHaveLength(2)
  })
})
