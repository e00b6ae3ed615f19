import { Access } from '../../lib/contract/access'
import { PROCESS_LOG } from '../../lib/log'

const caller = { node: 'a node', key: 'gateway', proven: true, address: '127.0.0.1' }
const says = (answer: () => unknown): Access => new Access(answer as () => boolean, new Map())

let warnings: string[]
beforeEach(() => {
  warnings = []
  jest.spyOn(process, 'emitWarning').mockImplementation(warning => { warnings.push(String(warning)) })
})
afterEach(() => { jest.restoreAllMocks() })

describe('an `allow` function', () => {
  it.each<[string, () => unknown]>([
    ['throws', () => { throw new Error('no idea') }],
    // As JavaScript could.
    // oxlint-disable-next-line typescript/only-throw-error
    ['throws null', () => { throw null }],
    ['returns a promise', async () => true],
    ['returns a promise that rejects', async () => { throw new Error('no idea') }]
  ])('denies access, and warns once for each name, when it %s', async (_what, answer) => {
    const unhandled: unknown[] = []
    const listener = (reason: unknown): void => { unhandled.push(reason) }
    process.on('unhandledRejection', listener)
    const access = says(answer)
    for (let n = 0; n < 3; n++) {
      expect(access.permits(caller, 'find', PROCESS_LOG)).toBe(false)
      expect(access.audience('created', PROCESS_LOG)?.(caller)).toBe(false)
    }
    await new Promise(resolve => { setImmediate(resolve) })
    process.off('unhandledRejection', listener)
    expect(unhandled).toEqual([])
    expect(warnings).toEqual([
      expect.stringMatching(/^the function 'allow' of 'find' .*allows nothing/),
      expect.stringMatching(/^the function 'allow' of 'created' .*allows nothing/)
    ])
  })
})
