import { MeshObserver } from '../../../lib/inspection/observer/observer'
import type { Peer, Transport, TransportHost } from '../../../lib/transport/transport'

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

  it('are bounded, and those that are known still change', async () => {
    const { transport, host } = idleTransport()
    const observer = new MeshObserver(transport)
    await observer.start()
    for (let n = 0; n < 10_100; n++) host().joined(peer(`node ${n}`))
    host().joined(peer('node 0', { name: 'api' }))
    expect([observer.nodes.length, observer.nodes.find(({ id }) => id === 'node 0')?.name]).toEqual([10_000, 'api'])
  })
})
