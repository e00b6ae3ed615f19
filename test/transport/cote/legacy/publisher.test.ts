import { connect } from 'node:net'
import { CoteTransport } from '../../../../lib/transport/cote/cote-transport'
import { BareNode } from '../../../bare-node'
import { until } from '../../../until'
import { discoveryPort, OldNode } from './old-node'

const environment = `publisher-${process.pid}`
const ends: Array<() => unknown> = []

afterEach(async () => { await Promise.all(ends.splice(0).map(async end => await end())) })

describe('an old node that does not keep up with events', () => {
  it('misses some, and stays connected: it would not connect a second time', async () => {
    const maxBacklog = 2 ** 18
    const transport = new CoteTransport({ port: discoveryPort(), environment, maxBacklog })
    const node = await new BareNode(transport).start()
    const old = await new OldNode(discoveryPort(), environment).open()
    ends.push(async () => await transport.stop(0), async () => await old.close())

    const port = await until('the events publisher', () => old.publishers.get('feathers services events publisher'))
    const socket = connect(port, '127.0.0.1')
    ends.push(() => socket.destroy())
    let closed = false
    let last = ''
    socket.on('close', () => { closed = true }).setEncoding('utf8')
    await until('the connection', () => !socket.connecting)
    socket.pause()

    const publish = (text: string): void => node.transport.publish({
      path: 'todos', key: 'default', event: 'created', args: [{ text }]
    })
    const long = 'x'.repeat(2 ** 20)
    // More than all buffers on the way, and the backlog, can hold.
    for (let n = 0; n < 40; n++) {
      publish(long)
      await new Promise(setImmediate)
    }
    socket.on('data', chunk => { last = (last + chunk).slice(-1_000) })
    socket.resume()
    await until('a later event', () => {
      publish('one more')
      return closed || last.includes('one more')
    })
    expect(closed).toBe(false)
  })
})
