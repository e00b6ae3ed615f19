import amp from 'amp'
import Message from 'amp-message'
import fc from 'fast-check'
import { FrameParser } from '../../../../lib/transport/cote/wire/frame-parser'
import { argumentsOf, collecting, random } from '../collect'

const MEGABYTE = 'x'.repeat(1024 * 1024)

/** Messages as stock peers send them. */
const MESSAGES: ReadonlyArray<readonly unknown[]> = [
  [{ type: 'find', path: 'todos' }, '0'],
  [null, [1, 2, 3], '1'],
  ['', ''],
  ['grüße 🎉 \u0000 \u2028 日本', { 'ключ': '🎉' }, 'id'],
  [null],
  [{}, [], 0, false, '', 'x'],
  [Buffer.from([0, 1, 2, 255]), 'blob'],
  Array.from({ length: 15 }, (_, n) => n)
]

const encode = (args: readonly unknown[]): Buffer => new Message(args).toBuffer()

describe('the frames of stock peers', () => {
  it.each(
    MESSAGES.map((args): [string, readonly unknown[]] => [JSON.stringify(args), args])
  )('are parsed as they were sent, like %s', (_text, args) => {
    const { parser, frames } = collecting()
    parser.push(encode(args))
    expect(frames).toEqual([args])
  })

  it('are parsed when they contain a megabyte', () => {
    const { parser, frames } = collecting()
    parser.push(encode([{ text: MEGABYTE }, 'id']))
    expect(frames).toEqual([[{ text: MEGABYTE }, 'id']])
  })

  it('are parsed in order from a single chunk', () => {
    const { parser, frames } = collecting()
    parser.push(Buffer.concat(MESSAGES.map(encode)))
    expect(frames).toEqual(MESSAGES)
  })

  it('are parsed when they are cut in two at any byte', () => {
    const bytes = Buffer.concat(MESSAGES.map(encode))
    for (let cut = 0; cut <= bytes.length; cut++) {
      const { parser, frames } = collecting()
      parser.push(bytes.subarray(0, cut))
      parser.push(bytes.subarray(cut))
      expect(frames).toEqual(MESSAGES)
    }
  })

  it.each([[1], [2], [3], [5], [7], [64]])('are parsed from chunks of %d bytes', size => {
    const bytes = Buffer.concat(MESSAGES.map(encode))
    const { parser, frames } = collecting()
    for (let start = 0; start < bytes.length; start += size) parser.push(bytes.subarray(start, start + size))
    expect(frames).toEqual(MESSAGES)
  })

  it('are parsed from chunks of random sizes', () => {
    const next = random(20)
    for (let round = 0; round < 100; round++) {
      const sent = Array.from({ length: 20 }, () => MESSAGES[Math.floor(next() * MESSAGES.length)] ?? [])
      const bytes = Buffer.concat(sent.map(encode))
      const { parser, frames } = collecting()
      for (let start = 0; start < bytes.length;) {
        const end = start + Math.floor(next() * 50)
        parser.push(bytes.subarray(start, end))
        start = end
      }
      expect(frames).toEqual(sent)
    }
  })

  it('are parsed when a megabyte arrives in network chunks followed by another frame', () => {
    const bytes = Buffer.concat([encode([{ text: MEGABYTE }, 'big']), encode([null, 'small'])])
    const { parser, frames } = collecting()
    for (let start = 0; start < bytes.length; start += 65536) parser.push(bytes.subarray(start, start + 65536))
    expect(frames).toEqual([[{ text: MEGABYTE }, 'big'], [null, 'small']])
  })

  it('are cut into arguments as the stock decoder cuts them', () => {
    const bytes = encode(['one', { two: 2 }, Buffer.from('three')])
    const found: Buffer[][] = []
    const parser = new FrameParser(({ buffer, bounds, count }) => {
      found.push(
        Array.from({ length: count }, (_, n) => Buffer.from(buffer.subarray(bounds[2 * n], bounds[2 * n + 1])))
      )
    }, 1024)
    parser.push(bytes)
    expect(found).toEqual([amp.decode(bytes)])
  })
})

describe('frames parsed in batches', () => {
  const numbered = (count: number): unknown[][] => Array.from({ length: count }, (_, n) => [n])
  const bytesOf = (frames: readonly unknown[][]): Buffer => Buffer.concat(frames.map(encode))

  it('wait at the end of a batch, and frames of later chunks wait behind them', () => {
    const { parser, frames } = collecting(1024, 2)
    expect(parser.push(bytesOf(numbered(3)))).toBe(true)
    expect(parser.push(encode([3]))).toBe(false)
    expect([frames, parser.isBehind]).toEqual([numbered(2), true])
    expect(parser.resume()).toBe(false)
    expect([frames, parser.isBehind]).toEqual([numbered(4), false])
  })

  it.each([
    ['exactly one batch', bytesOf(numbered(2)), false],
    ['one more byte', Buffer.concat([bytesOf(numbered(2)), encode([2]).subarray(0, 1)]), true]
  ])('are not followed by an empty batch when the chunk holds %s', (_what, bytes, isBehind) => {
    const { parser, frames } = collecting(1024, 2)
    expect(parser.push(bytes)).toBe(isBehind)
    expect(parser.resume()).toBe(false)
    expect([frames, parser.isBehind]).toEqual([numbered(2), false])
    parser.push(isBehind ? encode([2]).subarray(1) : encode([2]))
    expect(frames).toEqual(numbered(3))
  })

  it('stay the same and in order, however they are cut and whenever the next batch is requested', () => {
    const message = fc.oneof(fc.constantFrom(...MESSAGES), fc.integer().map(n => [n]))
    // Each step takes bytes or asks for the next batch.
    const step = fc.oneof(fc.nat({ max: 60 }), fc.constant('resume' as const))
    fc.assert(fc.property(
      fc.array(message, { maxLength: 40 }), fc.array(step, { maxLength: 100 }), fc.integer({ min: 1, max: 8 }),
      (sent, steps, batch) => {
        const bytes = Buffer.concat(sent.map(encode))
        const { parser, frames } = collecting(undefined, batch)
        let start = 0
        const take = (chunk?: Buffer): void => {
          const before = frames.length
          const waits = chunk !== undefined && parser.isBehind
          const isNew = chunk === undefined ? parser.resume() : parser.push(chunk)
          expect(frames.length - before).toBeLessThanOrEqual(waits ? 0 : batch)
          // Once for each time that there is more than a batch.
          expect(isNew).toBe(parser.isBehind && !waits)
        }
        for (const each of steps) {
          if (each === 'resume') take()
          else take(bytes.subarray(start, start += each))
        }
        take(bytes.subarray(start))
        while (parser.isBehind) take()
        expect(frames).toEqual(sent)
      }
    ), { numRuns: 300 })
  })

  it('are parsed up to malformed bytes, which are rejected in order', () => {
    const { parser, frames } = collecting(1024, 2)
    expect(parser.push(Buffer.concat([bytesOf(numbered(4)), Buffer.from('GET')]))).toBe(true)
    expect(parser.resume()).toBe(true)
    expect(frames).toEqual(numbered(4))
    expect(() => parser.resume()).toThrow("can't begin with byte 0x47")
    expect([frames, parser.isBehind]).toEqual([numbered(4), false])
  })

  it('are dropped when the parser is closed, whether they wait or arrive later', () => {
    const { parser, frames } = collecting(1024, 2)
    parser.push(bytesOf(numbered(3)))
    parser.close()
    expect([parser.resume(), parser.push(encode([3])), parser.isBehind]).toEqual([false, false, false])
    expect(frames).toEqual(numbered(2))
  })

  it('are dropped when their receiver closes the parser', () => {
    const frames: unknown[][] = []
    const parser = new FrameParser(frame => {
      frames.push(argumentsOf(frame))
      parser.close()
    }, 1024)
    // What is behind it is not even looked at.
    expect(parser.push(Buffer.concat([encode([0]), encode([1]), Buffer.from('GET')]))).toBe(false)
    expect(frames).toEqual([[0]])
  })
})

describe('malformed bytes', () => {
  it.each([['00'], ['01'], ['10'], ['22'], ['ff'], ['47']])('are rejected at the first byte 0x%s', byte => {
    const { parser, frames } = collecting()
    expect(() => parser.push(Buffer.from(`${byte}00000000`, 'hex'))).toThrow(expect.objectContaining({ name: 'MalformedFrame' }))
    expect(frames).toEqual([])
  })

  it('are rejected after the valid frames before them have been parsed', () => {
    const { parser, frames } = collecting()
    expect(
      () => parser.push(Buffer.concat([encode(['good', 'id']), Buffer.from('GET / HTTP/1.1')]))
    ).toThrow("can't begin with byte 0x47")
    expect(frames).toEqual([['good', 'id']])
  })

  it('are rejected by the decoder of the argument when its JSON is invalid', () => {
    const { parser } = collecting()
    expect(() => parser.push(amp.encode([Buffer.from('j:{'), Buffer.from('s:id')]))).toThrow('an argument is no JSON')
  })
})

describe('a frame over the limit', () => {
  it('is rejected as soon as its length is known, before its content arrives', () => {
    const header = Buffer.alloc(5)
    header[0] = 0x11
    header.writeUInt32BE(0xffffffff, 1)
    expect(() => collecting(1024).parser.push(header)).toThrow('is over the limit of 1024')
  })

  it('is rejected when only the sum of its arguments is too long', () => {
    const bytes = amp.encode([Buffer.alloc(600), Buffer.alloc(600)])
    const { parser, frames } = collecting(1024)
    expect(() => {
      for (let start = 0; start < bytes.length; start += 100) parser.push(bytes.subarray(start, start + 100))
    }).toThrow('over the limit')
    expect(frames).toEqual([])
  })

  it('is one byte longer than the longest accepted frame', () => {
    const bytes = amp.encode([Buffer.alloc(100)])
    expect(() => collecting(bytes.length).parser.push(bytes)).not.toThrow()
    expect(() => collecting(bytes.length - 1).parser.push(bytes)).toThrow('over the limit')
  })

  it('is not confused with many shorter frames in one chunk', () => {
    const bytes = amp.encode([Buffer.alloc(100)])
    const { parser, frames } = collecting(bytes.length)
    parser.push(Buffer.concat(Array<Buffer>(50).fill(bytes)))
    expect(frames).toHaveLength(50)
  })
})

describe('the frame parser', () => {
  it('accepts random bytes as frames or rejects them as malformed, and throws nothing else', () => {
    const next = random(7)
    for (let round = 0; round < 2000; round++) {
      const bytes = Buffer.from(Array.from({ length: Math.floor(next() * 60) }, () => Math.floor(next() * 256)))
      // Half of them get further than the first byte.
      if (round % 2 === 0 && bytes.length > 4) bytes.set([0x11 + round % 15, 0, 0, 0, Math.floor(next() * 40)])
      try {
        collecting(4096).parser.push(bytes)
      } catch (error) {
        expect((error as Error).name).toBe('MalformedFrame')
      }
    }
  })
})
