import amp from 'amp'
import Message from 'amp-message'
import { json, string } from '../../../../lib/transport/cote/wire/arguments'
import { readArgument, readId, readString } from '../../../../lib/transport/cote/wire/frame-argument'
import { FrameParser, type Frame } from '../../../../lib/transport/cote/wire/frame-parser'

/** Reads the first argument of a frame with these bytes in it. */
function read (bytes: Buffer | string, reader: (frame: Frame, index: number) => unknown = readArgument): unknown {
  let value: unknown
  new FrameParser(frame => { value = reader(frame, 0) }, 1024).push(amp.encode([Buffer.from(bytes as string)]))
  return value
}

describe('a frame argument', () => {
  it.each([
    ['j:{"a":1}'], ['j:null'], ['j:"text"'], ['j: [1, 2] '], ['s:text'], ['s:'], ['s:j:{'], ['s:🎉'], ['i:7'], ['x'],
    ['j'], ['s'], [''], ['plain bytes']
  ])('is decoded as amp-message decodes it, for %s', text => {
    const frame = amp.encode([Buffer.from(text)])
    expect(read(text)).toEqual(new Message(frame).args[0])
  })

  it.each([['plain'], ['x:y']])('is copied from the buffer when it is binary, like %s', bytes => {
    const chunk = amp.encode([Buffer.from(bytes)])
    let value: unknown
    new FrameParser(frame => { value = readArgument(frame, 0) }, 1024).push(chunk)
    chunk.fill(0)
    expect(value).toEqual(Buffer.from(bytes))
  })

  it.each([
    ['j:{'], ['j:'], ['j:undefined'], ['j:NaN'], ["j:{'a':1}"]
  ])('is malformed when its JSON is invalid, like %s', text => {
    expect(() => read(text)).toThrow(
      expect.objectContaining({ name: 'MalformedFrame', message: expect.stringContaining('no JSON') })
    )
  })

  it.each([['j:1'], ['j:null'], ['i:1'], ['']])('is malformed when it must be a string and is not, like %s', text => {
    expect(() => read(text, readString)).toThrow('argument 0 is no string')
  })

  it('may be a string in JSON when it must be a string', () => {
    expect(read('j:"id"', readString)).toBe('id')
    expect(read('s:id', readString)).toBe('id')
  })
})

describe('the id of a frame', () => {
  it.each([['s:0', 0], ['s:7', 7], ['s:1048576', 1048576], ['s:999999999999999', 999999999999999]])(
    'is read as a number when it is one, like %s', (text, number) => { expect(read(text, readId)).toBe(number) }
  )

  it.each([
    ['s:'], ['s:-1'], ['s:1.5'], ['s:1e3'], ['s: 1'], ['s:!event'], ['s:12:4'], ['s:007'], ['s:00'],
    ['s:1234567890123456']
  ])('stays a string when it is not the exact text of a number, like %s', text => {
    expect(read(text, readId)).toBe(text.slice(2))
  })

  it.each([['j:1'], ['1'], ['']])('is malformed when it is not a string, like %s', text => {
    expect(() => read(text, readId)).toThrow('argument 0 is no string')
  })
})

describe('an encoded argument', () => {
  it('carries its type, and null for values without JSON', () => {
    expect(json({ a: [1, null] })).toEqual({ type: 'j', text: '{"a":[1,null]}' })
    expect(json(undefined)).toEqual({ type: 'j', text: 'null' })
    expect(json(() => 1)).toEqual({ type: 'j', text: 'null' })
    expect(string('text')).toEqual({ type: 's', text: 'text' })
  })

  it('throws what JSON.stringify throws', () => {
    expect(() => json(1n)).toThrow(TypeError)
  })
})
