import type { IncomingCall, ReplyDetails } from 'feathers-mesh/transport'
import { InboundConnection } from '../../../lib/transport/cote/inbound/inbound-connection'
import { Connection } from '../../../lib/transport/cote/wire/connection'
import { string } from '../../../lib/transport/cote/wire/arguments'
import type { Frame } from '../../../lib/transport/cote/wire/frame-parser'
import { until } from '../../until'
import { argumentsOf } from './collect'
import { Sockets } from './sockets'

const sockets = new Sockets()
const DETAILS: ReplyDetails = { dispatch: { id: 1 }, http: { status: 202 } }

/** Sends a request as one kind of node does, and gives the arguments of the reply's frame: the last one is its id. */
async function replyTo (
  request: object, answer: (call: IncomingCall) => void, maxMessageSize = 2 ** 24
): Promise<unknown[]> {
  const [socket, near] = await sockets.pair()
  const client = new InboundConnection(near, {
    key: 'default', maxMessageSize, maxBacklog: 2 ** 18, maxInFlightPerConnection: 10, onRejected: () => {},
    onRequest: answer, onIdle: () => {}, onClose: () => {}
  })
  near.resume()
  const frames: unknown[][] = []
  const onFrame = (frame: Frame): void => { frames.push(argumentsOf(frame)) }
  const far = new Connection(socket, { maxMessageSize, onFrame, onClose: () => {} })
  far.send({ type: 'j', text: JSON.stringify({ type: 'get', key: 'default', path: 'users', ...request }) }, string('7'))
  const reply = await until('the reply', () => frames[0])
  client.close()
  return reply
}

/** Our nodes send their deadline; those of feathers-distributed don't. */
const OURS = { deadline: Date.now() + 60_000 }
const OLD = {}

describe('a reply frame with details', () => {
  it('starts like a frame without details, so that nodes of 0.1.0 can read the result', async () => {
    for (const value of [undefined, null, 'text', { id: 1, password: 'SECRET' }]) {
      const reply = await replyTo(OURS, call => call.reply(null, value, DETAILS))
      expect(reply).toEqual([null, value, expect.any(Buffer), '7'])
    }
  })

  it('starts like a frame without details for an error too, so that nodes of 0.1.0 can read it', async () => {
    const [error, ...rest] = await replyTo(OURS, call => call.reply(new TypeError('no'), undefined, DETAILS))
    expect(error).toBeInstanceOf(TypeError)
    expect(rest).toEqual([null, expect.any(Buffer), '7'])
  })

  it('carries no details to nodes of feathers-distributed', async () => {
    expect(await replyTo(OLD, call => call.reply(null, { id: 1 }, DETAILS))).toEqual([null, { id: 1 }, '7'])
    const [error, ...rest] = await replyTo(OLD, call => call.reply(new TypeError('no'), undefined, DETAILS))
    expect([error, rest]).toEqual([expect.objectContaining({ message: 'no' }), ['7']])
  })

  it('carries no details when there are none', async () => {
    expect(await replyTo(OURS, call => call.reply(null, { id: 1 }))).toEqual([null, { id: 1 }, '7'])
    expect(await replyTo(OURS, call => call.reply(null))).toEqual([null, '7'])
  })

  it('carries an error instead of a result that is too long together with its details', async () => {
    const half = { text: 'x'.repeat(600) }
    const [error] = await replyTo(OURS, call => call.reply(null, half, { dispatch: { text: 'y'.repeat(600) } }), 1_000)
    expect(String((error as Error).message)).toMatch(/the result can't be sent: it has \d+ bytes/)
  })

  it('drops the details of an error when both are too long together', async () => {
    const long = { http: { headers: { 'x-a': 'y'.repeat(600) } } }
    const [error, ...rest] = await replyTo(OURS, call => call.reply(new TypeError('no'), undefined, long), 2_000)
    expect(String((error as Error).message)).toBe('no')
    expect(rest).toEqual(['7'])
  })
})
