import { namedBy } from '../../lib/options/placement'
import { PROCESS_LOG } from '../../lib/log'

const service = { path: 'todos', key: 'default', methods: [], events: [], uuid: 'u', shortUuid: 'u' }

afterEach(() => { jest.restoreAllMocks() })

describe('whether remoteServicePath names a service', () => {
  it('is no where it returns another path, none, or what it must not, and nothing is left to reject', async () => {
    const told: string[] = []
    jest.spyOn(process, 'emitWarning').mockImplementation(warning => { told.push(String(warning)) })
    const rejected: unknown[] = []
    const onRejected = (reason: unknown): void => { rejected.push(reason) }
    process.on('unhandledRejection', onRejected)
    const answers: unknown[] = ['/todos/', 'others', undefined, Promise.reject(new Error('no'))]
    // The type forbids it; JavaScript does not.
    const remoteServicePath = (() => answers.shift()) as () => string
    const isNamed = namedBy({ remoteServices: undefined, remoteServicePath }, PROCESS_LOG)
    expect([1, 2, 3, 4].map(() => isNamed(service, 'todos'))).toEqual([true, false, false, false])
    await new Promise(resolve => { setImmediate(resolve) })
    process.off('unhandledRejection', onRejected)
    expect(rejected).toEqual([])
    expect(told).toEqual([expect.stringContaining("'remoteServicePath' of 'todos' returned a promise and not a path")])
  })
})
