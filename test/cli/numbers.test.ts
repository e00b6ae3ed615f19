import { cli } from './cli'

const ARGS = ['--environment', `cli-numbers-${process.pid}`, '--discovery', 'static://127.0.0.1:1']
/** The most that timers of Node.js take. */
const MOST = 2_147_483_647

/** The options that are numbers, with a command that takes each of them, and the most that it takes. */
const OPTIONS: ReadonlyArray<readonly [option: string, command: readonly string[], least: number, most: number]> = [
  ['--timeout', ['call', 'todos', 'find'], 1, MOST],
  ['--count', ['tap'], 1, MOST],
  ['--count', ['watch'], 1, MOST],
  ['--count', ['dead-letters', '--transport', 'nats://127.0.0.1:1'], 1, MOST],
  ['--port', ['console'], 0, 65_535]
]

describe.each(OPTIONS)('%s of %j', (option, command, least, most) => {
  it.each([
    '3000000000', String(most + 1), '1e9', 'Infinity', '-1', String(least - 1), '1.5', '0x10', ' 5', 'text', ''
  ])('refuses %j as a wrong argument, and tells what it takes', async text => {
    const { code, out, err } = await cli([...command, ...ARGS, `${option}=${text}`])
    expect([code, out, err]).toEqual([2, '', expect.stringContaining(
      `${option} takes a whole number from ${least} to ${most}\n`
    )])
  })
})

describe('a number at its bound', () => {
  it('is taken as the time of a call, which no timer cuts short', async () => {
    const { code, err } = await cli(['call', 'todos', 'find', ...ARGS, '--timeout', String(MOST)])
    expect([code, err]).toEqual([1, 'todos.find(): no node offers it\n'])
  })

  it('is taken as the port of the console: 0 is any that is free', async () => {
    const ended = new AbortController()
    ended.abort()
    const { code, out } = await cli(['console', '--json', ...ARGS, '--port', '0'], { signal: ended.signal })
    expect([code, out]).toEqual([0, expect.stringMatching(/^\{"url":"http:\/\/127\.0\.0\.1:[1-9]\d*\//)])
  })
})
