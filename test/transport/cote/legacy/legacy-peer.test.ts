import type { Contract } from 'feathers-mesh'
import type { TransportHost } from 'feathers-mesh/transport'
import { CoteTransport } from '../../../../lib/transport/cote/cote-transport'
import type { RemoteComponent } from '../../../../lib/transport/cote/discovery/hello'
import { LegacyPeer } from '../../../../lib/transport/cote/legacy/legacy-peer'
import { BareNode } from '../../../bare-node'
import { atMost, until } from '../../../until'
import { peersOptions, unconnected } from '../peers-options'
import { discoveryPort, OldNode } from './old-node'

const environment = `legacy-peer-${process.pid}`
/** Milliseconds that a busy machine may take for ten thousand services. */
const PATIENCE = 60_000
const ends: Array<() => Promise<unknown>> = []

afterEach(async () => { await Promise.all(ends.splice(0).map(async end => await end())) })

async function startNode (contracts: readonly Contract[] = []): Promise<BareNode> {
  const transport = new CoteTransport({ port: discoveryPort(), environment, helloInterval: 200 })
  ends.push(async () => await transport.stop(0))
  return await new BareNode(transport, { contracts }).start()
}

async function startOld (onNewcomer?: (old: OldNode) => void): Promise<OldNode> {
  const old = new OldNode(discoveryPort(), environment, onNewcomer)
  ends.push(async () => await old.close())
  return await old.open()
}

const pathsOf = (node: BareNode, old: OldNode): string[] =>
  (node.peers.get(old.id)?.contracts ?? []).map(({ path }) => path)

const learns = async (node: BareNode, old: OldNode, ...paths: string[]): Promise<void> => {
  await until(`the services ${paths.join(', ')}`, () => paths.every(path => pathsOf(node, old).includes(path)))
}

describe('the services of an old node', () => {
  it('are learned when it publishes them once', async () => {
    const [node, old] = await Promise.all([startNode(), startOld()])
    await learns(node, old, 'notes')
  })

  it('are learned when it published them to newcomers before it accepted the connection', async () => {
    // A busy one may see the newcomer first, though the connection was made before.
    const [node, old] = await Promise.all([startNode(), startOld(old => {
      if (old.newcomers.length > 4) old.publish('service', 'notes')
    })])
    await learns(node, old, 'notes')
  })
})

describe('the services of an old node beyond ten thousand', () => {
  it('are refused and counted, and the others stay', async () => {
    const transport = new CoteTransport({ port: discoveryPort(), environment })
    ends.push(async () => await transport.stop(0))
    const node = new BareNode(transport)
    const onRejected = jest.spyOn(node, 'onRejected')
    await node.start()
    const old = await startOld()
    await learns(node, old, 'notes')
    for (let n = 0; n < 10_010; n++) old.publish('service', `notes-${n}`)
    const refused = (): unknown[] => onRejected.mock.calls.filter(([reason]) => reason === 'tooManyServices')
    await until('the refusals', () => refused().length === 11, PATIENCE)
    await until('all that are taken', () => pathsOf(node, old).length === 10_000, PATIENCE)
    expect(pathsOf(node, old)).toContain('notes')
  }, 2 * PATIENCE)
})

describe('a service that an old node removed while its publisher was unreachable', () => {
  it('is checked on reconnection and forgotten, and its other services stay', async () => {
    let offered = ['notes', 'files']
    const [node, old] = await Promise.all([startNode(), startOld(old => {
      for (const path of offered) old.publish('service', path)
    })])
    await learns(node, old, 'notes', 'files')
    offered = ['files']
    old.services.cut()
    const asked = async (path: string): Promise<OldNode['calls'][number]> =>
      await until(`whether there is ${path}`, () =>
        old.calls.find(({ request }) => request.type === 'healthcheck' && request.path === path))
    ;(await asked('notes')).fail({ name: 'NotFound', message: 'no such service' })
    ;(await asked('files')).reply(true)
    await until('one service less', () => !pathsOf(node, old).includes('notes'))
    expect(pathsOf(node, old)).toEqual(['files'])
  })

  it("does not delay this node's departure when the old node does not answer", async () => {
    const [node, old] = await Promise.all([startNode(), startOld()])
    await learns(node, old, 'notes')
    old.services.cut()
    await until('the question', () => old.calls.find(({ request }) => request.type === 'healthcheck'))
    await atMost(10_000, node.transport.stop(60_000), () => 'the node is still there')
  })
})

describe('the services of one of our nodes', () => {
  it('are published repeatedly to old nodes, because these forget them between hellos', async () => {
    const contract = { path: 'todos', methods: [{ name: 'find', idempotent: true }], events: [] }
    const [, old] = await Promise.all([startNode([contract]), startOld()])
    await until('all questions', () => old.newcomers.length === 3)
    const before = old.told.length
    await until('to be told again', () => old.told.length > before + 3)
    expect(new Set(old.told)).toEqual(new Set(['service todos']))
  })
})

describe('an old node that leaves while it is dialled', () => {
  const host: TransportHost = {
    id: 'here',
    key: 'default',
    contracts: () => [],
    serve: () => {},
    receive: () => {},
    joined: () => {},
    left: () => {}
  }
  const responder: RemoteComponent = {
    iid: 'responder',
    address: '127.0.0.1',
    advertisement: { name: 'responder', key: '$$default', axon_type: 'rep', port: 9 }
  }

  it.each<[string, (peer: LegacyPeer) => void]>([
    ['is silent', peer => peer.remove('responder', responder)], ['says goodbye', peer => peer.leave('goodbye')],
    ['is drained', peer => { void peer.drain() }]
  ])('is not taken for one that nobody can reach when it %s', async (_how, leave) => {
    const unreachable: unknown[][] = []
    const peer = new LegacyPeer('old', 'default', host, {
      shared: peersOptions({ maxBacklog: 1_000_000, security: unconnected() }),
      interest: new Set(),
      isReturning: false,
      askServices: () => {},
      onUnreachable: (...where) => unreachable.push(where),
      onLeave: () => {}
    })
    peer.update('responder', responder)
    const request = { method: 'find', key: 'default', path: 'notes' }
    const id = peer.request(request, { settle: () => {}, fail: () => {} })
    leave(peer)
    peer.cancel(id)
    // The socket closes in a later turn.
    for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate)
    expect(unreachable).toEqual([])
    peer.destroy()
  })
})

describe('a request to an old node whose responder has moved', () => {
  interface Asked {
    readonly id: number
    readonly told: unknown[]
  }

  const ask = (node: BareNode, old: OldNode, path: string): Asked => {
    const told: unknown[] = []
    const id = node.transport.request(old.id, { method: 'find', key: 'default', path }, {
      settle: (...outcome) => told.push(outcome),
      fail: error => told.push(error)
    })
    return { id, told }
  }

  const call = async (old: OldNode, path: string): Promise<OldNode['calls'][number]> =>
    await until(`the request of ${path}`, () => old.calls.find(({ request }) => request.path === path))

  /** A request to each of the two places. */
  async function twice (): Promise<{ node: BareNode, old: OldNode, former: Asked, latter: Asked }> {
    const [node, old] = await Promise.all([startNode(), startOld()])
    await learns(node, old, 'notes')
    const former = ask(node, old, 'former')
    await call(old, 'former')
    await old.move()
    // The node learns of the move from a hello; earlier requests go to the former address.
    await until('a request at the new place', () => {
      node.transport.cancel(old.id, ask(node, old, 'first').id)
      return old.responder.accepted > 0
    })
    const latter = ask(node, old, 'latter')
    await call(old, 'latter')
    return { node, old, former, latter }
  }

  it('can be canceled without affecting a request to the new address', async () => {
    const { node, old, former, latter } = await twice()
    node.transport.cancel(old.id, former.id)
    for (const path of ['former', 'latter']) (await call(old, path)).reply(path)
    await until('the reply', () => latter.told.length > 0)
    expect([former.told, latter.told]).toEqual([[], [[null, 'latter']]])
  })

  it('fails when the old node leaves, at the old and at the new address', async () => {
    const { old, former, latter } = await twice()
    await old.close()
    await until('both to fail', () => former.told.length > 0 && latter.told.length > 0)
    expect([former.told, latter.told]).toMatchObject([[{ outcome: 'unknown' }], [{ outcome: 'unknown' }]])
  })

  it('receives its reply from the old address, even if nothing listens there anymore', async () => {
    const { old, former } = await twice()
    const { reply } = await call(old, 'former')
    reply('at last')
    await until('the reply', () => former.told.length > 0)
    expect(former.told).toEqual([[null, 'at last']])
  })
})
