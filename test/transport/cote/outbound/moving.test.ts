import { BareNode } from '../../../bare-node'
import { CoteTransport } from '../../../../lib/transport/cote/cote-transport'
import { until } from '../../../until'
import { DiscoveryPort, FakeResponder, hello } from '../wire'

const environment = `moving-${process.pid}`
const ends: Array<() => Promise<unknown>> = []

afterEach(async () => { await Promise.all(ends.splice(0).map(async end => await end())) })

async function listening (): Promise<{ place: FakeResponder, port: number }> {
  const place = new FakeResponder(socket => socket.resume())
  ends.push(async () => await place.close())
  return { place, port: await place.listen() }
}

describe('a node that has moved', () => {
  it('is searched for at its latest address after it is lost', async () => {
    const discovery = new DiscoveryPort()
    await discovery.open()
    ends.push(async () => await discovery.close())
    const transport = new CoteTransport({ environment })
    const node = await new BareNode(transport, { id: `looking-${process.pid}` }).start()
    ends.push(async () => await transport.stop(0))
    const [first, second] = [await listening(), await listening()]
    const id = `moving-${process.pid}`

    await discovery.send(hello(id, environment, first.port))
    await until('a connection at the first place', () => first.place.connections.length === 1)
    await discovery.send(hello(id, environment, second.port))
    await discovery.answerOf(node.id)
    first.place.connections[0].destroy()
    await until('it to be lost', () => node.departures.length === 1)
    await until('a try at the last place', () => second.place.connections.length > 0)
    expect(first.place.connections).toHaveLength(1)
  })
})
