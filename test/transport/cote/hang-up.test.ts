import { createServer, type Server, type Socket } from 'node:net'
import { Connection } from '../../../lib/transport/cote/wire/connection'
import { NO_REPLY_ID } from '../../../lib/transport/cote/wire/arguments'
import { OutboundConnection } from '../../../lib/transport/cote/outbound/outbound-connection'
import { bindPort } from '../../../lib/transport/cote/inbound/bind-port'
import { securityOf } from '../../../lib/transport/cote/security/security-of'
import { until } from '../../until'
import { argumentsOf } from './collect'
import { frame } from './wire'

const COUNT = 500
const SECRET = 'a secret of this test alone'

let server: Server | undefined
let link: OutboundConnection | undefined
const sockets: Socket[] = []

afterEach(() => {
  link?.destroy()
  server?.close()
  for (const socket of sockets.splice(0)) socket.destroy()
})

/** The last that a peer does when it has all calls: answers them in one write, and hangs up. */
type HangUp = (socket: Socket, replies: Buffer) => void

const WAYS: ReadonlyArray<readonly [string, HangUp]> = [
  ['ends the connection', (socket, replies) => { socket.end(replies) }],
  ['is gone', (socket, replies) => { socket.write(replies, () => socket.destroy()) }]
]

/** A link to such a peer. */
async function linkTo (secret: string | undefined, hangUp: HangUp): Promise<OutboundConnection> {
  const security = securityOf({ secret })({
    environment: '', address: '127.0.0.1', key: 'default', handshakeTimeout: 5_000, onRejected: () => {}
  })
  const entrance = security.entrance(socket => {
    sockets.push(socket)
    const ids: string[] = []
    new Connection(socket, {
      maxMessageSize: 2 ** 24,
      onFrame: received => {
        const id = String(argumentsOf(received).at(-1))
        if (id !== NO_REPLY_ID) ids.push(id)
        if (ids.length === COUNT) hangUp(socket, Buffer.concat(ids.map(each => frame('j:null', 'j:true', `s:${each}`))))
      },
      onClose: () => {}
    })
  })
  server = createServer(socket => {
    socket.on('error', () => {})
    entrance.admit(socket)
  })
  const port = await bindPort(server, { host: '127.0.0.1' })
  return new OutboundConnection({
    address: '127.0.0.1', port, key: 'default', security,
    connectTimeout: 5_000, maxMessageSize: 2 ** 24, maxBacklog: 2 ** 24, isMeshNode: true,
    onEvent: () => {}, onGoodbye: () => {}, onClose: () => {}
  })
}

describe.each([
  ['in plain text', undefined], ['over TLS', SECRET]
])('a peer that answers many calls at once %s', (_how, secret) => {
  it.each(WAYS)('and %s has answered all of them, though the callers go on calling it', async (_what, hangUp) => {
    const made = link = await linkTo(secret, hangUp)
    const call = async (): Promise<unknown> => await new Promise((resolve, reject) => {
      const settle = (error: unknown, value: unknown): void => resolve(error ?? value)
      made.request({ method: 'find', key: 'default', path: 'todos' }, { settle, fail: reject })
    })
    let nextCalls = 0
    const ended: unknown[] = []
    const end = (outcome: unknown): void => { ended.push(outcome) }
    for (let n = 0; n < COUNT; n++) {
      const first = call()
      first.then(end, end)
      first.then(async () => {
        nextCalls++
        await call()
      }).catch(() => {})
    }
    await until('the outcome of all', () => ended.length === COUNT)
    expect(ended).toEqual(Array(COUNT).fill(true))
    expect(nextCalls).toBe(COUNT)
  })
})
