import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { LineLimit } from '../lib/line-limit'
import { Log, PROCESS_LOG, type Logger, type NodeLog } from '../lib/log'
import { LOG_CODES } from '../lib/log-codes'
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
      .filter(({ text }) => /process\.emitWarning ?\(|console\.\w+ ?\(|process\.std(out|err)\.write/.test(text))
    // What the command line prints is its result.
    expect(writing.map(({ file }) => file)).toEqual(['cli/main.ts', 'log.ts'])
  })

  it.each([
    ['a line break', 'a\nb'], ['a carriage return', 'a\rb'], ['an escape sequence', 'a\u001B[31mb'], ['NUL', 'a\0b'],
    ['a line separator', 'a\u2028b'], ['a turn of direction', 'a\u202Eb'], ['an isolate', 'a\u2066b'],
    ['half a character', 'a\uD800b'], ['a zero width space', 'a\u200Bb'], ['C1 control', 'a\u0085b']
  ])('keeps %s out of a line', (_what, text) => {
    PROCESS_LOG.tell('FEATHERS_MESH_NOT_OFFERED', text)
    const write = jest.spyOn(console, 'log').mockImplementation(() => {})
    PROCESS_LOG.tell('FEATHERS_MESH_STATUS', text)
    expect([lines(), write.mock.calls.flat()]).toEqual([[expect.stringMatching(/^a�+(\[31m)?b$/)], [lines()[0]]])
  })

  it('writes no line that is longer than 500 characters with what Node puts before it', () => {
    for (const code of ['CONTRACT', 'REFUSED', 'LISTENER'] as const) {
      PROCESS_LOG.tell(`FEATHERS_MESH_${code}`, '𝄞'.repeat(1_000_000))
    }
    const prefix = `(node:${process.pid}) [FEATHERS_MESH_CONTRACT] ContractWarning: `.length
    expect(lines().every(line => line.length + prefix <= 500 && line.endsWith('…'))).toBe(true)
  })

  it('says with the next line of a text how often it was held back', () => {
    jest.useFakeTimers()
    const limit = new LineLimit()
    for (let n = 0; n < 2_000; n++) PROCESS_LOG.tell('FEATHERS_MESH_LISTENER', 'the event', {}, limit)
    jest.advanceTimersByTime(60_001)
    PROCESS_LOG.tell('FEATHERS_MESH_LISTENER', 'the event', {}, limit)
    jest.useRealTimers()
    expect(lines()).toEqual(['the event', 'the event (and 1999 times before, since the last line)'])
  })

  it('writes at most 100 different lines a minute for one limit, and counts the others', () => {
    jest.useFakeTimers()
    const limit = new LineLimit()
    for (let n = 0; n < 5_000; n++) PROCESS_LOG.tell('FEATHERS_MESH_LISTENER', `the event ${n}`, {}, limit)
    expect(told).toHaveLength(100)
    jest.advanceTimersByTime(60_001)
    PROCESS_LOG.tell('FEATHERS_MESH_LISTENER', 'another one', {}, limit)
    jest.useRealTimers()
    expect(lines().at(-1)).toBe('another one (and 4900 other lines that were held back)')
  })
})

describe('the log of a node with a logger', () => {
  const levels = ['error', 'warn', 'info', 'debug'] as const
  let given: unknown[][]

  /** A logger that keeps what it gets, and returns or throws something. */
  function loggerThat (acts: () => unknown = () => {}): Logger {
    const method = (level: string) => (...args: unknown[]) => {
      given.push([level, ...args])
      return acts()
    }
    const [error, warn, info, debug] = levels.map(method)
    return { error, warn, info, debug }
  }

  const settled = async (): Promise<void> => { await new Promise(resolve => { setImmediate(resolve) }) }

  beforeEach(() => { given = [] })

  it('passes each message at the level of its code, with the code and what it is about', () => {
    const log = new Log(loggerThat())
    log.tell('FEATHERS_MESH_NOT_OFFERED', 'one', { path: 'todos', method: undefined })
    log.tell('FEATHERS_MESH_FUNCTION', 'two')
    log.tell('FEATHERS_MESH_JOINED', 'three')
    log.tell('FEATHERS_MESH_NODE_LEFT', 'four', { node: 'an id', key: 'office' })
    expect(given).toEqual([
      ['warn', { code: 'FEATHERS_MESH_NOT_OFFERED', path: 'todos' }, 'one'],
      ['error', { code: 'FEATHERS_MESH_FUNCTION' }, 'two'],
      ['info', { code: 'FEATHERS_MESH_JOINED' }, 'three'],
      ['debug', { code: 'FEATHERS_MESH_NODE_LEFT', node: 'an id', key: 'office' }, 'four']
    ])
    expect(told).toEqual([])
  })

  it('keeps control characters and endless texts out of messages and fields', () => {
    const unreadable = Object.create(null) as string
    new Log(loggerThat()).tell('FEATHERS_MESH_SERVICE', `a\nb${'x'.repeat(1_000)}`, {
      path: 'c\u001B[31md', node: 'y'.repeat(1_000_000), key: unreadable
    })
    expect(given).toEqual([['warn', {
      code: 'FEATHERS_MESH_SERVICE', path: 'c�[31md', node: expect.stringMatching(/^y{199}…$/),
      key: "something that can't be read"
    }, expect.stringMatching(/^a�bx{426}…$/)]])
  })

  it('holds back what comes too often', () => {
    const limit = new LineLimit()
    const log = new Log(loggerThat())
    for (let n = 0; n < 5; n++) log.tell('FEATHERS_MESH_FAILURE', 'the same', {}, limit)
    expect(given).toHaveLength(1)
  })

  it('reads the method of a level each time, as loggers exchange them', () => {
    const logger = loggerThat()
    const log = new Log(logger)
    logger.warn = () => { given.push(['exchanged']) }
    log.tell('FEATHERS_MESH_OPEN', 'it')
    expect(given).toEqual([['exchanged']])
  })

  it('calls a logger that needs itself as this', () => {
    class Counting {
      count = 0
      error (): void { this.count++ }
      warn (): void { this.count++ }
      info (): void { this.count++ }
      debug (): void { this.count++ }
    }
    const logger = new Counting()
    new Log(logger).tell('FEATHERS_MESH_OPEN', 'it')
    expect(logger.count).toBe(1)
  })

  it.each<[string, () => unknown]>([
    ['throws', () => { throw new Error('disk full\nforged') }],
    // oxlint-disable-next-line typescript/only-throw-error -- JavaScript may
    ['throws null', () => { throw null }],
    ['rejects', async () => { throw new Error('disk full') }],
    ['returns a thenable whose then throws', () => ({ then () { throw new Error('no') } })],
    ['returns a thenable whose then can\'t be read', () => ({ get then () { throw new Error('no') } })],
    ['throws a Proxy that throws', () => {
      // oxlint-disable-next-line typescript/only-throw-error -- JavaScript may
      throw new Proxy({}, { get () { throw new Error('no') }, getPrototypeOf () { throw new Error('no') } })
    }]
  ])('tells the process once that its logger %s, and what it did not take', async (_what, acts) => {
    const log = new Log(loggerThat(acts))
    log.tell('FEATHERS_MESH_OPEN', 'one')
    log.tell('FEATHERS_MESH_JOINED', 'no warning')
    log.tell('FEATHERS_MESH_SERVICE', 'two')
    await settled()
    expect(given).toHaveLength(3)
    expect(told).toEqual([
      [expect.stringMatching(/^feathers-mesh: the logger of this node fails \(.+\)/), { code: 'FEATHERS_MESH_LOGGER' }],
      ['one', { type: 'SecurityWarning', code: 'FEATHERS_MESH_OPEN' }],
      ['two', { code: 'FEATHERS_MESH_SERVICE' }]
    ])
  })

  it('does not call a logger for what that logger causes', () => {
    const log: Log = new Log(loggerThat(() => { log.tell('FEATHERS_MESH_EVENT_UNSENT', 'caused') }))
    log.tell('FEATHERS_MESH_OPEN', 'one')
    log.tell('FEATHERS_MESH_OPEN', 'two')
    expect(given.map(([, , message]) => message)).toEqual(['one', 'two'])
    expect(lines()).toEqual(['caused', 'caused'])
  })

  it('tells a process without a logger nothing but warnings', () => {
    for (const code of ['JOINED', 'LEFT', 'NODE_JOINED', 'NODE_LEFT'] as const) {
      PROCESS_LOG.tell(`FEATHERS_MESH_${code}`, 'it')
    }
    expect(told).toEqual([])
  })

  it('tells whether anything becomes of a message before anybody writes its text', () => {
    const logger: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
    const logs = [PROCESS_LOG, new Log(logger)]
    const takes = (log: NodeLog): unknown[] =>
      (['NODE_JOINED', 'STATUS', 'NOT_OFFERED'] as const).map(code => log.takes?.(`FEATHERS_MESH_${code}`))
    expect(logs.map(takes)).toEqual([[false, true, true], [true, true, true]])
  })

  it('hears what each part of a node tells, and the process hears what no node tells', () => {
    const users = readSources(join(ROOT, 'lib')).filter(({ text }) => text.includes('PROCESS_LOG'))
    expect(users.map(({ file }) => file).sort()).toEqual([
      'feathers/routes/gateway-routes.ts', 'log.ts', 'registry/registry.ts', 'transport/cote/cote-transport.ts',
      'transport/cote/discovery/discovery.ts', 'transport/cote/outbound/peers.ts', 'transport/cote/resolve-options.ts',
      'transport/cote/security/certificates/certificate-ring.ts', 'transport/secrets/refreshed.ts'
    ])
  })
})

describe('the page about logging', () => {
  const page = readFileSync(join(ROOT, 'docs/logging.md'), 'utf8')
  const rows = [...page.matchAll(/^\| `(FEATHERS_MESH_\w+)` \| `(\w+)` \| (.+?) \| (.+) \|$/gm)]

  it('lists each code of the log once, in order, with its level and what a process without a logger hears', () => {
    const described = Object.entries(LOG_CODES).map(([code, { level, otherwise }]) => {
      if (otherwise === 'none') return [code, level, 'nowhere']
      if (otherwise === 'output') return [code, level, 'standard output']
      return [code, level, 'code' in otherwise ? `warning \`${otherwise.code}\`` : 'warning']
    })
    expect(rows.map(([, ...cells]) => cells.slice(0, 3))).toEqual(described)
  })
})

/** Lists of which a text would have an item for each path: 2 to the power of the levels. */
function sharedLists (levels: number): unknown[] {
  let value: unknown[] = [1]
  for (let level = 0; level < levels; level++) value = [value, value]
  return value
}

const errorWith = (fields: object): Error => Object.assign(new Error('x'), fields)

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
    ['a list', ['no', 1, null], 'no,1,null'],
    ['lists that share lists', sharedLists(20), 'a list,a list'],
    ['an error whose message is such a list', errorWith({ message: sharedLists(20) }), 'a list,a list'],
    ['an error with a name of lists, in a list', [errorWith({ name: sharedLists(20) })], 'an object'],
    ['a Proxy that throws', unreadable, "something that can't be read"]
  ])('can be read of %s', (_what, thrown, expected) => {
    expect(messageOf(thrown)).toBe(expected)
  })

  it('is cut before it is washed, so that a long one costs no more than a short one', () => {
    expect(printable('\n'.repeat(10_000_000))).toHaveLength(500)
  })
})
