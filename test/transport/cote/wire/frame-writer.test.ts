import amp from 'amp'
import Message from 'amp-message'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { NULL, idArgument, json, string } from '../../../../lib/transport/cote/wire/arguments'
import { FrameWriter } from '../../../../lib/transport/cote/wire/frame-writer'
import { HeldWritable, collecting, random } from '../collect'

/** What a stock peer reads of these bytes. */
function stockFrames (bytes: Buffer): unknown[][] {
  const frames: unknown[][] = []
  const stream = new amp.Stream()
  stream.on('data', (frame: Buffer) => { frames.push(new Message(frame).args) })
  stream.write(bytes)
  return frames
}

describe('the frames of our nodes', () => {
  it.each<[string, unknown, string]>([
    ['an object', { type: 'find', path: 'todos' }, '0'],
    ['undefined', undefined, ''],
    ['unicode', { text: 'grüße 🎉 \u0000 \u2028 日本' }, '🎉'],
    ['a megabyte', 'x'.repeat(1024 * 1024), 'big'],
    ['a megabyte of wide letters', '日'.repeat(350_000), 'wide']
  ])('can be read by a stock peer when they contain %s', (_what, value, id) => {
    const socket = new HeldWritable()
    const writer = new FrameWriter(socket)
    writer.write(NULL, json(value), string(id))
    writer.flush()
    expect(stockFrames(socket.bytes)).toEqual([[null, value ?? null, id]])
  })

  it('equal the frames of a stock peer byte for byte', () => {
    const socket = new HeldWritable()
    const writer = new FrameWriter(socket)
    const values: unknown[] = [null, {}, [1, 'zwei', { drei: '3️⃣' }], '', 0]
    for (const value of values) writer.write(json(value), string('id 🎉'))
    writer.flush()
    // amp-message writes strings as s:, so JSON goes through an object.
    const stock = values.map(value => amp.encode([Buffer.from(`j:${JSON.stringify(value)}`), Buffer.from('s:id 🎉')]))
    expect(socket.bytes.equals(Buffer.concat(stock))).toBe(true)
  })

  it('contain a replacement character for a lone surrogate, as usual in UTF-8', () => {
    const socket = new HeldWritable()
    const writer = new FrameWriter(socket)
    writer.write(string('a\ud800b'))
    writer.flush()
    expect(stockFrames(socket.bytes)).toEqual([['a\ufffdb']])
  })
})

describe('the frames written in one turn', () => {
  it('leave in one write', async () => {
    const socket = new HeldWritable()
    const writer = new FrameWriter(socket)
    for (let n = 0; n < 50; n++) writer.write(json({ n }), string(`${n}`))
    expect(socket.writes).toHaveLength(0)
    await nextTurn()
    expect(socket.writes).toHaveLength(1)
    expect(stockFrames(socket.bytes)).toEqual(Array.from({ length: 50 }, (_, n) => [{ n }, `${n}`]))
  })

  it('leave in one write together with frames from promises', async () => {
    const socket = new HeldWritable()
    const writer = new FrameWriter(socket)
    await Promise.all(Array.from({ length: 50 }, async (_, n) => {
      await Promise.resolve()
      writer.write(json({ n }), string(`${n}`))
    }))
    await nextTurn()
    expect(socket.writes).toHaveLength(1)
  })

  it('leave in one write for each turn', async () => {
    const socket = new HeldWritable()
    const writer = new FrameWriter(socket)
    for (let turn = 0; turn < 3; turn++) {
      writer.write(string('a'))
      writer.write(string('b'))
      await nextTurn()
    }
    expect(socket.writes).toHaveLength(3)
  })

  it('leave before the end of the turn when there are many', () => {
    const socket = new HeldWritable()
    const writer = new FrameWriter(socket)
    for (let n = 0; n < 1000; n++) writer.write(string('x'.repeat(100)))
    expect(socket.writes.length).toBeGreaterThan(1)
    expect(socket.writes.length).toBeLessThan(50)
  })

  it('leave at once on flush(), and only once', async () => {
    const socket = new HeldWritable()
    const writer = new FrameWriter(socket)
    writer.write(string('a'))
    writer.flush()
    expect(socket.writes).toHaveLength(1)
    writer.flush()
    await nextTurn()
    expect(socket.writes).toHaveLength(1)
  })
})

describe('the page of a frame writer', () => {
  it('is not overwritten while the socket still needs it', async () => {
    // This socket keeps the very bytes that it was given, as one does that can't pass them on.
    const socket = new HeldWritable(true)
    const writer = new FrameWriter(socket)
    const sent: string[] = []
    const next = random(3)
    for (let turn = 0; turn < 400; turn++) {
      for (let n = 0; n < 5; n++) {
        const text = `${turn}-${n}-${'y'.repeat(Math.floor(next() * 2000))}`
        sent.push(text)
        writer.write(string(text))
      }
      await nextTurn()
    }
    // A Writable holds back what is behind the first write.
    while (socket.writableLength > 0) {
      socket.release()
      await nextTurn()
    }
    const { parser, frames } = collecting()
    parser.push(socket.bytes)
    expect(frames.map(([text]) => text)).toEqual(sent)
  })

  it('holds a numeric id in the same form as its string', () => {
    const socket = new HeldWritable()
    const writer = new FrameWriter(socket)
    for (const id of [0, 1048576, 2 ** 52]) writer.write(NULL, idArgument(id))
    writer.flush()
    expect(stockFrames(socket.bytes)).toEqual([[null, '0'], [null, '1048576'], [null, '4503599627370496']])
  })

  it('never exposes earlier contents of its memory', () => {
    for (let n = 0; n < 100; n++) {
      // Freed when Node likes to.
      Buffer.allocUnsafeSlow(64 * 1024).fill('a private key')
      const socket = new HeldWritable(true)
      const writer = new FrameWriter(socket)
      writer.write(string('said'))
      writer.flush()
      const [{ buffer, byteLength }] = socket.writes
      expect(Buffer.from(buffer, byteLength).every(byte => byte === 0)).toBe(true)
    }
  })

  it('is reused when the socket has passed everything on', async () => {
    const socket = new HeldWritable(true)
    const writer = new FrameWriter(socket)
    for (let turn = 0; turn < 3; turn++) {
      writer.write(string('same length'))
      await nextTurn()
      socket.release()
      await nextTurn()
      // Written at the end of a turn in which nothing was under way any more.
      writer.write(string('more'))
      await nextTurn()
      socket.release()
      await nextTurn()
    }
    expect(writer.backlog).toBe(0)
    expect(new Set(socket.writes.map(({ buffer }) => buffer)).size).toBe(1)
  })

  it('is reused when the socket passes its bytes on one turn later, as TLS sockets do', async () => {
    const socket = new HeldWritable(true)
    const writer = new FrameWriter(socket)
    for (let turn = 0; turn < 50; turn++) {
      writer.write(string('x'.repeat(3_000)))
      await nextTurn()
      socket.release()
      await nextTurn()
    }
    expect(new Set(socket.writes.map(({ buffer }) => buffer)).size).toBe(1)
  })

  it('holds frames of any size in sequence', async () => {
    const socket = new HeldWritable()
    const writer = new FrameWriter(socket)
    const sizes = [0, 1, 65_535, 65_536, 65_537, 3, 300_000, 8191, 8192, 8193, 0]
    for (const size of sizes) writer.write(json('z'.repeat(size)), string('id'))
    await nextTurn()
    expect(stockFrames(socket.bytes).map(([text]) => (text as string).length)).toEqual(sizes)
  })
})

describe('the backlog of a frame writer', () => {
  it('counts the bytes in the page and in the socket', async () => {
    const socket = new HeldWritable(true)
    const writer = new FrameWriter(socket)
    expect(writer.backlog).toBe(0)
    writer.write(string('four'))
    const frame = 1 + 4 + 2 + 4
    expect(writer.backlog).toBe(frame)
    await nextTurn()
    expect(writer.backlog).toBe(frame)
    writer.write(string('four'))
    expect(writer.backlog).toBe(2 * frame)
    await nextTurn()
    socket.release()
    await nextTurn()
    socket.release()
    await nextTurn()
    expect(writer.backlog).toBe(0)
  })
})

describe('a destroyed socket', () => {
  it('receives no frames, and writing them causes no error', async () => {
    const socket = new HeldWritable()
    const writer = new FrameWriter(socket)
    writer.write(string('before'))
    socket.destroy()
    for (let n = 0; n < 100; n++) writer.write(string('x'.repeat(10_000)))
    await nextTurn()
    expect(socket.writes).toEqual([])
  })
})
