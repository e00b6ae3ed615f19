import { join } from 'node:path'
import { LineLimit } from '../lib/line-limit'
import { say, warn } from '../lib/log'
import { messageOf, printable } from '../lib/printable'
import { readSources } from './lint/sources'

const ROOT = join(__dirname, '..')

let told: unknown[][]

beforeEach(() => {
  told = []
  jest.spyOn(process, 'emitWarning').mockImplementation((...args: unknown[]) => { told.push(args) })
})
afterEach(() => { jest.restoreAllMocks() })

const lines = (): string[] => told.map(([line]) => String(line))

describe('the log', () => {
  it('is the only place that warns or writes to the console', () => {
    const writing = readSources(join(ROOT, 'lib'))
      .filter(({ text }) => /process\.emitWarning|console\.\w+ ?\(|process\.std(out|err)\.write/.test(text))
    expect(writing.map(({ file }) => file)).toEqual(['log.ts'])
  })

  it.each([
    ['a line break', 'a\nb'], ['a carriage return', 'a\rb'], ['an escape sequence', 'a\u001B[31mb'], ['NUL', 'a\0b'],
    ['a line separator', 'a\u2028b'], ['a turn of direction', 'a\u202Eb'], ['an isolate', 'a\u2066b'],
    ['half a character', 'a\uD800b'], ['a zero width space', 'a\u200Bb'], ['C1 control', 'a\u0085b']
  ])('keeps %s out of a line', (_what, text) => {
    warn('services', text)
    const write = jest.spyOn(console, 'log').mockImplementation(() => {})
    say(text)
    expect([lines(), write.mock.calls.flat()]).toEqual([[expect.stringMatching(/^a�+(\[31m)?b$/)], [lines()[0]]])
  })

  it('writes no line that is longer than 500 characters with what Node puts before it', () => {
    for (const topic of ['contracts', 'refusals', 'events'] as const) warn(topic, '𝄞'.repeat(1_000_000))
    const prefix = `(node:${process.pid}) [FEATHERS_MESH_CONTRACT] ContractWarning: `.length
    expect(lines().every(line => line.length + prefix <= 500 && line.endsWith('…'))).toBe(true)
  })

  it('says with the next line of a text how often it was held back', () => {
    jest.useFakeTimers()
    const limit = new LineLimit()
    for (let n = 0; n < 2_000; n++) warn('events', 'the event', limit)
    jest.advanceTimersByTime(60_001)
    warn('events', 'the event', limit)
    jest.useRealTimers()
    expect(lines()).toEqual(['the event', 'the event (and 1999 times before, since the last line)'])
  })

  it('writes at most 100 different lines a minute for one limit, and counts the others', () => {
    jest.useFakeTimers()
    const limit = new LineLimit()
    for (let n = 0; n < 5_000; n++) warn('events', `the event ${n}`, limit)
    expect(told).toHaveLength(100)
    jest.advanceTimersByTime(60_001)
    warn('events', 'another one', limit)
    jest.useRealTimers()
    expect(lines().at(-1)).toBe('another one (and 4900 other lines that were held back)')
  })
})

describe('the message of what was thrown', () => {
  const hostile = new Error('x')
  Object.defineProperty(hostile, 'message', { get () { throw new Error('no') } })

  const unreadable = new Proxy({}, {
    get () { throw new Error('no') }, getPrototypeOf () { throw new Error('no') }
  })

  it.each([
    ['null', null, 'null'], ['undefined', undefined, 'undefined'],
    ['a text', 'no', 'no'], ['a symbol', Symbol('s'), 'Symbol(s)'],
    ['an error whose message throws', hostile, "something that can't be read"],
    ['an object without a prototype', Object.create(null) as object, "something that can't be read"],
    ['a Proxy that throws', unreadable, "something that can't be read"]
  ])('can be read of %s', (_what, thrown, expected) => {
    expect(messageOf(thrown)).toBe(expected)
  })

  it('is cut before it is washed, so that a long one costs no more than a short one', () => {
    expect(printable('\n'.repeat(10_000_000))).toHaveLength(500)
  })
})
