import { once } from 'node:events'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { Connection } from '../../../../lib/transport/cote/wire/connection'
import { UnfinishedMessages } from '../../../../lib/transport/messages/unfinished-messages'
import { WaitingBytes } from '../../../../lib/transport/cote/wire/waiting-bytes'
import { until } from '../../../until'
import { Sockets } from '../sockets'
import { frame } from '../wire'

const sockets = new Sockets()

interface Received {
  readonly far: Socket
  readonly connection: Connection
  readonly rejected: string[]
  frames: number
}

async function received (unfinished: UnfinishedMessages): Promise<Received> {
  const [far, near] = await sockets.pair()
  const rejected: string[] = []
  const result: { frames: number } = { frames: 0 }
  const connection = new Connection(near, {
    maxMessageSize: 100_000, unfinished,
    onFrame: () => { result.frames++ }, onMalformed: reason => rejected.push(reason), onClose: () => {}
  })
  near.resume()
  return Object.assign(result, { far, connection, rejected })
}

/** The beginning of a message of 50000 bytes. */
const part = (bytes: number): Buffer => Buffer.concat([Buffer.from([0x12, 0, 0, 0xc3, 0x50]), Buffer.alloc(bytes, 'j')])

describe('messages that have not arrived completely', () => {
  it('are given up beyond a bound for all connections, that which was begun first', async () => {
    const unfinished = new UnfinishedMessages(50_000)
    const all = [await received(unfinished), await received(unfinished), await received(unfinished)]
    for (const { far, connection } of all) {
      far.write(part(20_000))
      await until('its bytes', () => connection.unfinishedBytes > 20_000 || connection.closed)
    }
    expect(all.map(({ connection }) => connection.closed)).toEqual([true, false, false])
    expect(all.map(({ rejected }) => rejected)).toEqual([['unfinishedMessage'], [], []])
  })

  it('count no more when they are complete or their connection is closed, and never for a single one', async () => {
    const unfinished = new UnfinishedMessages(30_000)
    const whole = frame(`j:${'x'.repeat(40_000)}`, 's:1')
    for (let n = 0; n < 5; n++) {
      const made = await received(unfinished)
      made.far.write(whole.subarray(0, 35_000))
      await until('its bytes', () => made.connection.unfinishedBytes === 35_000)
      if (n % 2 === 0) {
        made.far.write(whole.subarray(35_000))
        await until('the frame', () => made.frames === 1)
      } else {
        made.far.destroy()
        await until('its end', () => made.connection.closed)
      }
      await until('nothing more', () => made.connection.unfinishedBytes === 0)
      expect(made.rejected).toEqual([])
    }
  })

  it('count no more when their connection closes before the frames that precede them are passed on', async () => {
    const unfinished = new UnfinishedMessages(1_000_000)
    const stream = new Duplex({ read: () => {}, write: (_chunk, _encoding, done) => { done() } })
    const socket = Object.assign(stream, { setNoDelay: () => {}, setKeepAlive: () => {} })
    let [frames, closes] = [0, 0]
    const connection = new Connection(socket as unknown as Socket, { // all of one that a connection asks for
      maxMessageSize: 100_000, unfinished, onFrame: () => { frames++ }, onClose: () => { closes++ }
    })
    socket.push(frame('s:1'))
    await until('the first one', () => frames > 0)
    socket.push(Buffer.concat([...Array.from({ length: 199 }, () => frame('s:1')), part(20_000)]))
    expect(frames).toBeLessThan(200)
    socket.destroy()
    await until('its end', () => closes > 0)
    expect(frames).toBe(200)
    // The turn in which the next batch would have been read has passed, too.
    for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate)
    expect(connection.unfinishedBytes).toBe(0)
    expect((unfinished as unknown as { bytes: number }).bytes).toBe(0)
  })

  it('join the end of the queue when another message begins on a busy connection', async () => {
    const unfinished = new UnfinishedMessages(70_000)
    const busy = await received(unfinished)
    const waiting = await received(unfinished)
    const whole = frame(`j:${'x'.repeat(20_000)}`, 's:1')
    busy.far.write(whole.subarray(0, 15_000))
    await until('its bytes', () => busy.connection.unfinishedBytes === 15_000)
    waiting.far.write(part(30_000))
    await until('its bytes', () => waiting.connection.unfinishedBytes > 30_000)
    busy.far.write(Buffer.concat([whole.subarray(15_000), part(45_000)]))
    await until('one to end', () => busy.connection.closed || waiting.connection.closed)
    expect([busy.connection.closed, waiting.connection.closed]).toEqual([false, true])
  })
})

describe('bytes that wait for others', () => {
  it.each([1, 7, 511, 512, 4_095, 4_096, 70_000])('arrive as they were in chunks of %d', size => {
    const all = Buffer.from(Array.from({ length: 200_000 }, (_, n) => n * 31 % 251))
    const waiting = new WaitingBytes()
    for (let start = 0; start < all.length; start += size) waiting.add(all.subarray(start, start + size))
    expect(waiting.length).toBe(all.length)
    expect(waiting.take().equals(all)).toBe(true)
    expect(waiting.length).toBe(0)
  })

  it('take no more than three times their number when they come one by one, in few buffers', () => {
    const waiting = new WaitingBytes()
    for (let n = 1; n <= 100_000; n++) {
      waiting.add(Buffer.from([n % 256]))
      const { chunks, buffer } = waiting as unknown as { chunks: Buffer[], buffer?: Buffer }
      const kept = [...chunks, ...buffer === undefined ? [] : [buffer]]
      if (n % 1_000 !== 0) continue
      expect(kept.reduce((sum, each) => sum + each.buffer.byteLength, 0)).toBeLessThanOrEqual(3 * n + 512)
      expect(kept.length).toBeLessThan(15)
    }
  })

  it('do not keep a long chunk of which they are a short part', () => {
    const waiting = new WaitingBytes()
    waiting.add(Buffer.alloc(10_000_000).subarray(0, 5_000))
    expect((waiting as unknown as { chunks: Buffer[] }).chunks[0]?.buffer.byteLength).toBeLessThan(20_000)
  })
})

describe('a connection that is idle', () => {
  it('keeps neither the last message that it read nor what it wrote', async () => {
    const made = await received(new UnfinishedMessages(1_000_000))
    interface Parts {
      readonly parser: { frame: { buffer: Buffer } }
      readonly writer: { page: Buffer, letGo: (written: number) => void }
    }
    const { parser, writer } = made.connection as unknown as Parts
    expect(writer.page).toHaveLength(0)
    made.far.write(frame(`j:${'x'.repeat(90_000)}`, 's:1'))
    await until('the frame', () => made.frames === 1)
    expect(parser.frame.buffer).toHaveLength(0)
    made.far.resume()
    made.connection.send({ type: 's', text: 'x'.repeat(200_000) })
    await once(made.far, 'data')
    expect(writer.page).toHaveLength(0)
    made.connection.send({ type: 's', text: 'short' })
    await until('it to leave', () => made.connection.backlog === 0)
    expect(writer.page.length).toBeGreaterThan(0)
    writer.letGo(1)
    expect(writer.page.length).toBeGreaterThan(0)
    writer.letGo(1)
    expect(writer.page).toHaveLength(0)
  })
})
