import { PROCESS_LOG } from '../lib/log'
import { ignoreRejection, isYesOrNo, UserFunction } from '../lib/user-function'

let told: string[]
let unhandled: unknown[]
const onUnhandled = (reason: unknown): void => { unhandled.push(reason) }

beforeEach(() => {
  told = []
  unhandled = []
  jest.spyOn(process, 'emitWarning').mockImplementation(warning => { told.push(String(warning)) })
  process.on('unhandledRejection', onUnhandled)
})
afterEach(() => {
  process.off('unhandledRejection', onUnhandled)
  jest.restoreAllMocks()
})

const settled = async (): Promise<unknown> => await new Promise(resolve => { setImmediate(resolve) })

const throwing = (thrown: unknown) => () => { throw thrown }
const voiceless = Object.defineProperty(new Error(), 'message', { get () { throw new Error('no') } })
const unreadable = new Proxy({}, { get () { throw new Error('no') }, getPrototypeOf () { throw new Error('no') } })

const ANSWERS: ReadonlyArray<readonly [string, () => unknown]> = [
  ['returns a promise of true', async () => true],
  ['returns a promise that rejects', async () => { throw new Error('no') }],
  // oxlint-disable-next-line typescript/only-throw-error -- JavaScript may
  ['returns a promise that rejects with null', async () => { throw null }],
  ['returns a thenable whose then throws', () => ({ then () { throw new Error('no') } })],
  ['returns a thenable whose then can\'t be read', () => ({ get then () { throw new Error('no') } })],
  ['returns a function', () => () => true],
  ['returns a Proxy', () => unreadable],
  ['returns 1', () => 1], ['returns a text', () => 'yes'], ['returns nothing', () => {}],
  ['returns a symbol', () => Symbol('x')],
  ['throws an error', throwing(new Error('no\nforged'))], ['throws null', throwing(null)],
  ['throws undefined', throwing(undefined)],
  ['throws a Proxy', throwing(unreadable)], ['throws an object without a prototype', throwing(Object.create(null))],
  ['throws an error whose message throws', throwing(voiceless)]
]

const ANSWER = {
  name: 'services',
  isValid: isYesOrNo,
  expected: 'true or false',
  otherwise: false,
  consequence: 'which chooses nothing'
}

describe('a function of the user', () => {
  it.each(ANSWERS)('gets the safe answer, one warning and no unhandled rejection, when it %s', async (_what, ask) => {
    const asked = new UserFunction(ask, ANSWER)
    for (let n = 0; n < 3; n++) expect(asked.call(PROCESS_LOG, 'todos')).toBe(false)
    await settled()
    expect(unhandled).toEqual([])
    const line = /^the function 'services' of 'todos' (returned|threw) .+, which chooses nothing$/
    expect(told).toEqual([expect.stringMatching(line)])
  })

  it('is not warned of for ever other subjects', () => {
    const asked = new UserFunction((_path: string) => 1, ANSWER)
    for (let n = 0; n < 1_000; n++) asked.call(PROCESS_LOG, `path-${n}`, '')
    expect(told).toHaveLength(100)
  })
})

it('ignores whatever is no promise', () => {
  for (const value of [null, undefined, 1, 'x', Symbol('x'), {}, unreadable]) {
    expect(() => ignoreRejection(value)).not.toThrow()
  }
})
