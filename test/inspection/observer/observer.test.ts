import { CoteTransport } from 'feathers-mesh'
import { MeshObserver } from '../../../lib/inspection/observer/observer'
import { hashed } from '../../../lib/transport/session/contracts/contract-list'
import { tellList } from '../../../lib/transport/session/contracts/told-list'
import type { Peer, Transport, TransportHost } from '../../../lib/transport/transport'
import { freePort } from '../../free-port'
import { DiscoveryPort, forgedHello } from '../../transport/cote/wire'
import { until } from '../../until'

/** A transport that does nothing but hand over its host. */
function idleTransport (): { readonly transport: Transport, readonly host: () => TransportHost } {
  let given: TransportHost | undefined
  const transport: Transport = {
    async start (host) { given = host },
    announce: () => {},
    request: () => 0,
    cancel: () => {},
    publish: () => {},
    subscribe: () => {},
    unsubscribe: () => {},
    stop: async () => {}
  }
  const host = (): TransportHost => {
    if (given === undefined) throw new Error('not started')
    return given
  }
  return { transport, host }
}

const peer = (id: string, more: Partial<Peer> = {}): Peer => ({ id, key: 'default', contracts: [], ...more })

describe('the nodes of an observer', () => {
  it('are those that joined and have not left, without other observers', async () => {
    const { transport, host } = idleTransport()
    const observer = new MeshObserver(transport, { key: 'ops' })
    await observer.start()
    host().joined(peer('a'))
    host().joined(peer('b', { isObserver: true }))
    host().joined(peer('c', { name: 'api' }))
    host().left('a', 'goodbye')
    expect(observer.nodes).toEqual([{ id: 'c', name: 'api', key: 'default', contracts: [] }])
    expect([host().isObserver, host().key, host().contracts()]).toEqual([true, 'ops', []])
  })

  it('are none that a hello alone speaks of, and the reason of that is known', async () => {
    const environment = `observed-${process.pid}`
    const observer = new MeshObserver(new CoteTransport({ environment, broadcast: '127.255.255.255' }))
    const discovery = new DiscoveryPort()
    await discovery.open()
    try {
      await observer.start()
      const { hash, text } = hashed('[{"path":"todos","methods":[],"events":[]}]')
      const mesh = { version: 1, revision: 0, hash, list: tellList(text), now: Date.now() }
      const forged = forgedHello('nobody', environment, await freePort(), mesh)
      await until('the reason', async () => {
        await discovery.send(forged)
        return observer.unreachable.some(({ reason }) => reason.includes('ECONNREFUSED'))
      })
      expect(observer.nodes).toEqual([])
    } finally {
      await discovery.close()
      await observer.stop()
    }
  })

  it('are bounded, and those that are known still change', async () => {
    const { transport, host } = idleTransport()
    const observer = new MeshObserver(transport)
    await observer.start()
    for (let n = 0; n < 10_100; n++) host().joined(peer(`node ${n}`))
    host().joined(peer('node 0', { name: 'api' }))
    expect([observer.nodes.length, observer.nodes.find(({ id }) => id === 'node 0')?.name]).toEqual([10_000, 'api'])
  })
})
