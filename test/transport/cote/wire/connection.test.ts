import amp from 'amp'
import Message from 'amp-message'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { Connection } from '../../../../lib/transport/cote/wire/connection'
import { json, string } from '../../../../lib/transport/cote/wire/arguments'
import { MalformedFrame } from '../../../../lib/transport/cote/wire/frame-parser'
import { PATIENCE, until } from '../../../until'
import { argumentsOf } from '../collect'

let server: Server | undefined
let sockets: Socket[] = []

afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  sockets = []
  if (server === undefined) return
  server.close()
  await once(server, 'close')
  server = undefined
})

interface Pair {
  connection: Connection
  frames: unknown[][]
  closes: number
  /** The other side, as bytes. */
  socket: Socket
}

/** A connection over real sockets; `onFrame` looks at each frame after it was kept. */
async function pair (onFrame: (args: unknown[]) => void = () => {}, maxMessageSize = 1024): Promise<Pair> {
  const listening = createServer()
  server = listening
  listening.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  const socket = connect((listening.address() as AddressInfo).port, '127.0.0.1')
  socket.on('error', () => {})
  const [accepted] = await once(listening, 'connection') as [Socket]
  sockets.push(socket, accepted)
  const made: Partial<Pair> & Pick<Pair, 'frames' | 'closes' | 'socket'> = { frames: [], closes: 0, socket }
  made.connection = new Connection(accepted, {
    maxMessageSize,
    onFrame: frame => {
      const args = argumentsOf(frame)
      made.frames.push(args)
      onFrame(args)
    },
    onClose: () => { made.closes++ }
  })
  return made as Pair
}

describe('a connection', () => {
  it('exchanges frames with a stock peer', async () => {
    const { connection, frames, socket } = await pair()
    const received: unknown[][] = []
    const stock = new amp.Stream()
    stock.on('data', (frame: Buffer) => { received.push(new Message(frame).args) })
    socket.pipe(stock)
    socket.write(new Message([{ a: '🎉' }, 'id']).toBuffer())
    await until(() => frames.length > 0)
    connection.send(json({ b: '🎉' }), string('id'))
    await until(() => received.length > 0)
    expect([frames, received]).toEqual([[[{ a: '🎉' }, 'id']], [[{ b: '🎉' }, 'id']]])
  })

  it.each<[string, Buffer]>([
    ['bytes that are not a frame', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['a frame over the limit', amp.encode([Buffer.alloc(2000)])],
    ['invalid JSON', amp.encode([Buffer.from('j:{')])]
  ])('delivers the valid frames and then closes on %s', async (_what, bytes) => {
    const made = await pair()
    const closed = once(made.socket, 'close')
    made.socket.write(Buffer.concat([new Message(['good']).toBuffer(), bytes]))
    await closed
    await until(() => made.closes > 0)
    expect(made.frames).toEqual([['good']])
    expect(made.connection.closed).toBe(true)
  })

  it('closes when the reader of its frames rejects one', async () => {
    const made = await pair(([first]) => { if (first === 'bad') throw new MalformedFrame('bad') })
    made.socket.write(
      Buffer.concat(
        [new Message(['good']), new Message(['bad']), new Message(['late'])].map(message => message.toBuffer())
      )
    )
    await until(() => made.closes > 0)
    expect(made.frames).toEqual([['good'], ['bad']])
  })

  it('reports its end once, whichever side closes it and in whatever way', async () => {
    const ways: Array<(made: Pair) => void> = [
      ({ connection }) => connection.destroy(), ({ connection }) => connection.close(),
      ({ socket }) => socket.end(), ({ socket }) => socket.resetAndDestroy()
    ]
    for (const close of ways) {
      const made = await pair()
      made.socket.resume()
      close(made)
      await until(() => made.closes > 0)
      made.connection.destroy()
      made.connection.close()
      expect(made.closes).toBe(1)
      expect(made.connection.closed).toBe(true)
      for (const socket of sockets) socket.destroy()
      server?.close()
    }
  })

  it('sends pending frames before it ends', async () => {
    const { connection, socket } = await pair()
    const chunks: Buffer[] = []
    socket.on('data', chunk => chunks.push(chunk))
    connection.send(string('last words'))
    connection.close()
    await once(socket, 'close')
    expect(new Message(Buffer.concat(chunks)).args).toEqual(['last words'])
  })

  it.each<[string, (connection: Connection) => void]>([
    ['end()', connection => connection.close()], ['endWithin()', connection => connection.closeWithin(PATIENCE)]
  ])('sends everything that was written before %s, and nothing written later', async (_when, end) => {
    const { connection, socket } = await pair()
    const large = json('x'.repeat(2 ** 20))
    // More than the operating system takes.
    for (let n = 0; n < 20; n++) connection.send(large)
    end(connection)
    connection.send(string('late'))
    expect(connection.backlog).toBeGreaterThan(large.text.length)
    let length = 0
    socket.on('data', chunk => { length += chunk.length })
    await once(socket, 'close')
    expect(length).toBe(20 * amp.encode([Buffer.from(`j:${large.text}`)]).length)
  })

  it('drops frames that are written after it was closed', async () => {
    const made = await pair()
    made.connection.destroy()
    made.connection.send(string('late'))
    await until(() => made.closes > 0)
    expect(made.connection.closed).toBe(true)
  })

  it('knows the address of its peer', async () => {
    const { connection, socket } = await pair()
    expect(connection.peerAddress).toBe(`127.0.0.1:${socket.localPort}`)
  })
})

it('a connection accepts the longest message of its peer, plus the rest of the frame', async () => {
  const { frames, closes, socket } = await pair(() => {}, 1000)
  const id = String(Number.MAX_SAFE_INTEGER)
  const longest = 'x'.repeat(999 - 2)
  socket.write(amp.encode([Buffer.from('j:null'), Buffer.from(`j:"${longest}"`), Buffer.from(`s:${id}`)]))
  await until('the frame', () => frames.length === 1)
  expect(frames).toEqual([[null, longest, id]])
  expect(closes).toBe(0)
})
