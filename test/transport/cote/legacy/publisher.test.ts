import { connect, type Socket } from 'node:net'
import { feathers } from '@feathersjs/feathers'
import { DistributedModule, type Caller } from 'feathers-mesh'
import { CoteTransport } from '../../../../lib/transport/cote/cote-transport'
import { BareNode } from '../../../bare-node'
import { until } from '../../../until'
import { discoveryPort, OldNode } from './old-node'

const environment = `publisher-${process.pid}`
const ends: Array<() => unknown> = []

afterEach(async () => { await Promise.all(ends.splice(0).map(async end => await end())) })

/** A connection to the publisher of events, made as an old node makes it. */
async function subscribe (old: OldNode): Promise<Socket> {
  const port = await until('the events publisher', () => old.publishers.get('feathers services events publisher'))
  const socket = connect(port, '127.0.0.1').setEncoding('utf8')
  ends.push(() => socket.destroy())
  await until('the connection', () => !socket.connecting)
  return socket
}

describe('an old node without an identity', () => {
  it('receives events only of services without a list of keys, or with a function that accepts it', async () => {
    const app = feathers()
    const asked: Caller[] = []
    const service = (): object => ({ async find () { return [] } })
    app.use('by-key', service(), { allow: ['default', 'gateway'] })
    app.use('by-function', service(), {
      allow: (caller: Caller) => {
        asked.push(caller)
        return caller.key === undefined && caller.address === '127.0.0.1'
      }
    })
    const cote = { port: discoveryPort(), environment: `${environment}-allow` }
    const node = DistributedModule.forRoot({ app, cote })
    ends.push(async () => await node.stop())
    await node.start()
    const old = await new OldNode(discoveryPort(), cote.environment).open()
    ends.push(async () => await old.close())
    const socket = await subscribe(old)
    let heard = ''
    socket.on('data', chunk => { heard += String(chunk) })
    await until('an event', () => {
      for (const path of ['by-key', 'by-function']) app.service(path).emit('created', { of: path })
      return heard.split('by-function').length > 10
    })
    expect(heard).not.toContain('by-key')
    expect(asked[0]).toEqual({ proven: false, address: '127.0.0.1' })
  })
})

describe('an event that no JSON can hold', () => {
  it('is dropped for old nodes and counted, and they get the next one', async () => {
    const transport = new CoteTransport({ port: discoveryPort(), environment })
    const node = new BareNode(transport)
    const onRejected = jest.spyOn(node, 'onRejected')
    await node.start()
    const old = await new OldNode(discoveryPort(), environment).open()
    ends.push(async () => await transport.stop(0), async () => await old.close())
    const socket = await subscribe(old)
    let heard = ''
    socket.on('data', chunk => { heard += String(chunk) })
    const publish = (payload: unknown): void => transport.publish({
      path: 'todos', key: 'default', event: 'created', args: [payload]
    })
    let graph: object = {}
    for (let level = 0; level < 40; level++) graph = { first: graph, second: [graph] }
    await until('an event', () => {
      publish({ text: 'before' })
      return heard.includes('before')
    })
    for (const payload of [graph, { big: 1n }, { toJSON: () => { throw new Error('no') } }]) {
      expect(() => publish(payload)).toThrow()
    }
    expect(onRejected.mock.calls.filter(([reason]) => reason === 'droppedEvents')).toHaveLength(3)
    publish({ text: 'after' })
    await until('the next event', () => heard.includes('after'))
  })
})

describe('an old node that reads events too slowly', () => {
  it('misses events but stays connected, because it would not reconnect', async () => {
    const maxBacklog = 2 ** 18
    const transport = new CoteTransport({ port: discoveryPort(), environment, maxBacklog })
    const node = new BareNode(transport)
    const onRejected = jest.spyOn(node, 'onRejected')
    await node.start()
    const old = await new OldNode(discoveryPort(), environment).open()
    ends.push(async () => await transport.stop(0), async () => await old.close())

    const socket = await subscribe(old)
    let closed = false
    let last = ''
    socket.on('close', () => { closed = true })
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
    expect(onRejected).toHaveBeenCalledWith('droppedEvents', '127.0.0.1')
  })
})
