import { KeyRing } from '../../lib/transport/secrets/key-ring'
import { ConfigurationError, DistributedModule } from 'feathers-mesh'
import { Authority } from './authority'
import { until } from '../until'
import { CoteMesh, SECRET } from './mesh-of'

/** What a function returns or does that should have returned a secret or certificates. */
const RUBBISH: ReadonlyArray<readonly [what: string, rubbish: () => unknown]> = [
  ['returns nothing', () => undefined],
  ['returns null', () => null],
  ['returns a number', () => 7],
  ['returns a symbol', () => Symbol(SECRET)],
  ['returns a BigInt', () => 10n],
  ['returns true', () => true],
  ['returns a function', () => () => SECRET],
  ['returns an empty list', () => []],
  ['returns a list of lists', () => [[[SECRET]]]],
  ['returns a list with holes', () => Object.assign(new Array(3), { 1: SECRET })],
  ['returns a very long list', () => new Array(2 ** 32 - 1)],
  ['returns an object with another text', () => ({ toString: () => SECRET })],
  ['returns a text object', () => Object(SECRET)],
  ['returns a promise', async () => SECRET],
  ['returns a promise that rejects', async () => { throw new Error(`the vault is down, and ${SECRET} with it`) }],
  ['returns something like a promise', () => ({ then: (resolve: (secret: string) => void) => resolve(SECRET) })],
  ['returns something like a promise that throws', () => ({ then: () => { throw new Error(SECRET) } })],
  ['returns an object whose properties throw', () => new Proxy({}, { get: () => { throw new Error(SECRET) } })],
  ['returns a list whose elements throw', () => new Proxy([SECRET], { get: () => { throw new Error(SECRET) } })],
  ['returns an object whose names throw', () => new Proxy({}, { ownKeys: () => { throw new Error(SECRET) } })],
  ['returns what was revoked', () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    return proxy
  }],
  ['throws', () => { throw new Error(SECRET) }],
  // oxlint-disable-next-line typescript/only-throw-error -- JavaScript throws anything
  ['throws nothing', () => { throw undefined }],
  ['throws what has no text', () => { throw Object.create(null) }]
]

const tls = Authority.make().node('default')
const OPTIONS = ['secret', 'tls'] as const
const right = { secret: SECRET, tls }

const unhandled: unknown[] = []
const onUnhandled = (reason: unknown): void => { unhandled.push(reason) }

let warnings: string[]

beforeEach(() => {
  warnings = []
  jest.spyOn(process, 'emitWarning').mockImplementation(warning => { warnings.push(String(warning)) })
  process.on('unhandledRejection', onUnhandled)
})

afterEach(async () => {
  // A rejection is unhandled one turn after it was made.
  await new Promise(setImmediate)
  process.removeListener('unhandledRejection', onUnhandled)
  expect(unhandled.splice(0)).toEqual([])
  jest.restoreAllMocks()
})

function errorOf (options: object): Error {
  try {
    DistributedModule.forRoot(options)
  } catch (error) {
    return error as Error
  }
  throw new Error('these options should have been refused')
}

describe.each(OPTIONS)('the function of option %s', option => {
  it.each(RUBBISH)('is refused when it %s, without revealing anything', (_what, rubbish) => {
    const error = errorOf({ [option]: rubbish })
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(error.message).toContain(`option '${option}'`)
    expect(error.message).not.toContain(SECRET)
  })

  it('is refused when it is a value that can\'t be read, or that has to be waited for', () => {
    for (const value of [Promise.resolve(SECRET), new Proxy({}, { get: () => { throw new Error(SECRET) } })]) {
      expect(errorOf({ [option]: value })).toBeInstanceOf(ConfigurationError)
    }
  })
})

describe('a secret that is read again', () => {
  it('stays what it was whatever its function does from then on, and one warning names each fault', async () => {
    await Promise.all(RUBBISH.map(async ([what, rubbish]) => {
      let ask: () => unknown = () => SECRET
      let asked = 0
      const ring = new KeyRing((() => {
        asked++
        return ask()
      }) as () => string)
      const [{ id }] = ring.accepted
      ask = rubbish
      const before = asked
      await until(`it to be asked again when it ${what}`, () => {
        expect(ring.first.id).toBe(id)
        return asked >= before + 2
      })
    }))
    expect(warnings).toHaveLength(RUBBISH.length)
    for (const warning of warnings) expect(warning).toContain("keeps what option 'secret' was before")
    expect(warnings.join()).not.toContain(SECRET)
  })

  it('is a copy: a list that says something else each time it is read counts once', () => {
    let reads = 0
    const changing = new Proxy([SECRET], {
      get: (list, name) => name === '0' ? [SECRET, 'short'][Math.min(reads++, 1)] : Reflect.get(list, name) as unknown
    })
    expect(new KeyRing(() => changing).first.id).toBe(new KeyRing(SECRET).first.id)
  })
})

describe('a node whose functions begin to fail', () => {
  it.each(OPTIONS)('stays closed, and serves on, with what option %s was before', async option => {
    const mesh = new CoteMesh()
    let fails = false
    const failing = (): unknown => {
      if (fails) return Promise.reject(new Error(SECRET))
      return right[option]
    }
    try {
      const host = await mesh.host({ [option]: failing })
      const todos = await mesh.consumer({ [option]: right[option] })
      fails = true
      await until('a warning', () => mesh.log.some(line => line.includes(`keeps what option '${option}' was before`)))
      expect(await todos.create({ title: 'Buy milk' })).toMatchObject({ title: 'Buy milk' })
      const stranger = await mesh.node({})
      await until('the stranger to be refused', () => host.counters().plainHello > 0)
      expect(stranger.nodes()).toHaveLength(1)
      expect(mesh.log.join()).not.toContain(SECRET)
    } finally {
      await mesh.end()
    }
  })
})
