import type { TransportHost } from 'feathers-mesh/transport'
import type { RemoteComponent } from '../../../../lib/transport/cote/discovery/hello'
import { MeshPeer } from '../../../../lib/transport/cote/outbound/mesh-peer'
import { until } from '../../../until'
import { FrameParser } from '../../../../lib/transport/cote/wire/frame-parser'
import { readArgument } from '../../../../lib/transport/cote/wire/frame-argument'
import { peersOptions, unconnected } from '../peers-options'
import { FakeResponder, frame, sharedLists } from '../wire'

const host: TransportHost = {
  id: 'here', key: 'default', contracts: () => [], serve: () => {}, receive: () => {}, joined: () => {}, left: () => {}
}

const component = (revision: number, pid = 'a process'): RemoteComponent => ({
  iid: 'there',
  pid,
  address: '127.0.0.1',
  advertisement: { name: 'responder', key: '$$default', axon_type: 'rep', port: 9, mesh: { version: 1, revision } }
})

describe('A mesh peer to which no connection can be made', () => {
  it('is lost, and nothing is thrown where a timer has it asked', async () => {
    const security = unconnected(() => { throw new RangeError('no such port') })
    const rejected: string[] = []
    const left: string[] = []
    const peer = new MeshPeer(component(0), { ...host, onRejected: reason => rejected.push(reason) }, {
      shared: peersOptions({ maxBacklog: 10, security, onRejected: reason => rejected.push(reason) }),
      interest: new Set(),
      isReturning: false,
      onLeave: reason => left.push(reason)
    })
    peer.update(component(1))
    await until(() => left.length > 0)
    expect([left, rejected]).toEqual([['lost'], ['containedFault']])
    peer.destroy()
  })
})

describe('A mesh peer for which too much waits', () => {
  it('is asked for its contracts after a pause, so that the event loop goes on', async () => {
    let refused = 0
    const peer = new MeshPeer(component(0), host, {
      shared: peersOptions({ maxBacklog: 10, security: unconnected(), onRejected: () => { refused++ } }),
      interest: new Set(),
      isReturning: false,
      onLeave: () => {}
    })
    // It waits for a connection that is never there, and fills the backlog.
    peer.request({ method: 'find', key: 'default', path: 'todos' }, { settle: () => {}, fail: () => {} })
    peer.update(component(1))
    await new Promise(resolve => setImmediate(resolve))
    expect(refused).toBeGreaterThan(0)
    expect(refused).toBeLessThan(5)
    peer.destroy()
  })
})

describe('A hello of a mesh peer that a later one has overtaken', () => {
  it('changes nothing, unless it is of another process', () => {
    const peer = new MeshPeer(component(5), host, {
      shared: peersOptions({ security: unconnected() }),
      interest: new Set(),
      isReturning: false,
      onLeave: () => {}
    })
    const revisionAfter = (hello: RemoteComponent): number | undefined => {
      peer.update(hello)
      return peer.component.advertisement.mesh?.revision
    }
    expect([component(5), component(4), component(7), component(6)].map(revisionAfter)).toEqual([5, 5, 7, 7])
    expect(revisionAfter(component(0, 'the next process'))).toBe(0)
    peer.destroy()
  })
})

describe('A mesh peer that answers the introduction with an id that is no name', () => {
  const ends: Array<() => unknown> = []
  afterEach(async () => { for (const end of ends.splice(0)) await end() })

  it.each([
    ['lists that share lists, of which a text would have an item for each path', `v:${sharedLists('id', 20)}`],
    ['a text of any length', `j:{"id":"${'x'.repeat(100_000)}"}`]
  ])('is left as another node is, and nobody makes a text of it: %s', async (_what, answer) => {
    const place = new FakeResponder(socket => {
      const parser = new FrameParser(read => {
        const request = readArgument(read, 0) as { type?: string }
        if (request.type !== 'mesh:caller') return
        socket.write(frame('j:null', answer, `s:${String(readArgument(read, read.count - 1))}`))
      }, 2 ** 24)
      socket.on('data', chunk => parser.push(chunk))
    })
    const port = await place.listen()
    ends.push(async () => await place.close())
    const said = component(0)
    const mesh = { version: 1, revision: 0, tellsClock: true as const }
    const others: string[] = []
    const left: string[] = []
    const peer = new MeshPeer({ ...said, advertisement: { ...said.advertisement, port, mesh } }, host, {
      shared: peersOptions(),
      interest: new Set(),
      isReturning: false,
      onOtherNode: id => others.push(id),
      onLeave: reason => left.push(reason)
    })
    ends.unshift(() => peer.destroy())
    peer.checkAlive()
    peer.request({ method: 'find', key: 'default', path: 'todos' }, { settle: () => {}, fail: () => {} })
    await until('it to be left', () => left.length > 0)
    expect(left).toEqual(['goodbye'])
    expect(others.map(({ length }) => length)).toEqual([])
  })
})
