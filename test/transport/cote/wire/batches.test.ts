import Message from 'amp-message'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { Connection } from '../../../../lib/transport/cote/wire/connection'
import { string } from '../../../../lib/transport/cote/wire/arguments'
import { until } from '../../../until'
import { argumentsOf } from '../collect'
import { Sockets } from '../sockets'

/** More frames than are handed over in one go. */
const COUNT = 500
const numbers = (count = COUNT): number[] => Array.from({ length: count }, (_, n) => n)
const encode = (n: number): Buffer => new Message([n]).toBuffer()
const BYTES = Buffer.concat(numbers().map(encode))
const READS = 5

const sockets = new Sockets()

interface Reader {
  readonly connection: Connection
  /** What came, each frame a number. */
  readonly frames: number[]
  /** What it was closed for, each time that it said so. */
  readonly malformed: string[]
  /** How many frames there were when it said that it is closed, each time. */
  readonly closed: number[]
}

/** Reads numbers; `onFirst` is called with the first one. */
function reading (socket: Socket, onFirst: (reader: Reader) => void = () => {}): Reader {
  const frames: number[] = []
  const malformed: string[] = []
  const closed: number[] = []
  const reader: Reader = {
    frames,
    malformed,
    closed,
    connection: new Connection(socket, {
      maxMessageSize: 1024,
      onFrame: frame => {
        frames.push(...argumentsOf(frame) as number[])
        if (frames.length === 1) onFirst(reader)
      },
      onMalformed: reason => { malformed.push(reason) },
      onClose: () => { closed.push(frames.length) }
    })
  }
  return reader
}

/** Delivers chunks to a socket, each in a read of its own, all before the socket is read. */
async function bring (chunks: readonly Buffer[], [near, far]: readonly [Socket, Socket]): Promise<void> {
  near.pause()
  let length = 0
  for (const chunk of chunks) {
    far.write(chunk)
    length += chunk.length
    await until('a read of its own', () => near.readableLength === length)
  }
  near.resume()
}

describe('more frames than one batch holds', () => {
  it('arrive completely and in order from a single read', async () => {
    const [near, far] = await sockets.pair()
    const { frames } = reading(near)
    far.write(BYTES)
    await until('all', () => frames.length >= COUNT)
    expect(frames).toEqual(numbers())
  })

  it('wait for the first batch, whose promises settle and whose replies leave before the second', async () => {
    const [near, far] = await sockets.pair()
    const log: string[] = []
    const { frames } = reading(near, ({ connection }) => {
      void (async () => {
        for (let turn = 0; turn < 10; turn++) await Promise.resolve()
        log.push(`settled behind ${frames.length}`)
        connection.send(string('reply'))
      })()
    })
    const write = near.write.bind(near)
    jest.spyOn(near, 'write').mockImplementation(chunk => {
      log.push(`left behind ${frames.length}`)
      return write(chunk)
    })
    far.write(BYTES)
    await until('all', () => frames.length >= COUNT)
    const [batch = 0] = log.map(entry => Number(entry.split(' ').at(-1)))
    expect(log).toEqual([`settled behind ${batch}`, `left behind ${batch}`])
    expect(batch).toBeLessThan(COUNT)
  })

  it('arrive in the same batches from several reads in one turn, wherever the frames are cut', async () => {
    const pair = await sockets.pair()
    let batch = 0
    const { frames } = reading(pair[0], () => {
      void Promise.resolve().then(() => { batch = frames.length })
    })
    const size = Math.ceil(BYTES.length / READS)
    await bring(Array.from({ length: READS }, (_, n) => BYTES.subarray(n * size, (n + 1) * size)), pair)
    await until('all', () => frames.length >= COUNT)
    expect(frames).toEqual(numbers())
    expect(batch).toBeLessThan(COUNT / READS)
  })

  it('arrive completely before malformed bytes close the connection, which are counted once', async () => {
    const [near, far] = await sockets.pair()
    const { frames, malformed, closed } = reading(near)
    far.write(Buffer.concat([BYTES, Buffer.from('GET')]))
    await until('the end', () => closed.length > 0)
    expect(frames).toEqual(numbers())
    expect([malformed, closed]).toEqual([['malformedFrame'], [COUNT]])
  })

  it('stop arriving when the owner closes the connection while it receives one', async () => {
    const [near, far] = await sockets.pair()
    const { frames, closed } = reading(near, ({ connection }) => connection.destroy())
    far.write(BYTES)
    await until('the end', () => closed.length > 0)
    expect(frames).toEqual([0])
  })

  it('stop arriving when the owner closes the connection between two batches', async () => {
    const [near, far] = await sockets.pair()
    let batch = 0
    const { frames, closed } = reading(near, ({ connection }) => {
      void Promise.resolve().then(() => {
        connection.destroy()
        batch = frames.length
      })
    })
    far.write(BYTES)
    await until('the end', () => closed.length > 0)
    expect(frames).toEqual(numbers(batch))
    expect(batch).toBeLessThan(COUNT)
  })

  it('arrive completely before the end is reported when the connection breaks between two batches', async () => {
    const [near, far] = await sockets.pair()
    const { closed, frames } = reading(near, () => {
      void Promise.resolve().then(() => near.destroy(new Error('broken')))
    })
    far.write(BYTES)
    await until('the end', () => closed.length > 0)
    expect(frames).toEqual(numbers())
    expect(closed).toEqual([COUNT])
  })

  it('arrive completely before the end is reported, even from a stream that reports it immediately', async () => {
    const stream = new Duplex({ read: () => {}, write: (_chunk, _encoding, done) => { done() } })
    const socket = Object.assign(stream, { setNoDelay: () => {}, setKeepAlive: () => {} })
    const { closed, frames } = reading(socket as unknown as Socket) // all of one that a connection asks for
    socket.push(encode(0))
    await until('the first one', () => frames.length > 0)
    socket.push(BYTES)
    expect(frames.length).toBeLessThan(COUNT)
    socket.destroy()
    await until('the end', () => closed.length > 0)
    expect(closed).toEqual([COUNT + 1])
  })
})

it('malformed bytes are counted once, no matter how many reads deliver them', async () => {
  const pair = await sockets.pair()
  const { frames, malformed, closed } = reading(pair[0])
  await bring(Array.from({ length: READS }, () => Buffer.from('GET')), pair)
  await until('the end', () => closed.length > 0)
  expect([frames, malformed]).toEqual([[], ['malformedFrame']])
})
