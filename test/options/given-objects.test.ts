import { inspect } from 'node:util'
import { ConfigurationError, CoteTransport, DistributedModule, type DistributedModuleOptions } from 'feathers-mesh'
import { resolveModule } from '../../lib/options/resolve-module'

const SECRET = 'correct horse battery staple'

beforeEach(() => { jest.spyOn(process, 'emitWarning').mockImplementation(() => {}) })
afterEach(() => { jest.restoreAllMocks() })

/** The faults of `forRoot`, which must never be another error, nor tell a secret. */
function faultsOf (options: unknown): readonly string[] {
  try {
    DistributedModule.forRoot(options as DistributedModuleOptions)
    return []
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(inspect(error, { depth: 9 })).not.toContain(SECRET)
    return (error as ConfigurationError).faults
  }
}

class Config {
  get secret (): string { return SECRET }
  get timeout (): string { return 'wrong' }
}

const throwing = { get secret (): string { throw new Error(SECRET) } }
const throwingTraps = { get () { throw new Error(SECRET) } }
const hostile = new Proxy({}, { get () { throw new Error(SECRET) }, ownKeys () { throw new Error(SECRET) } })
const { proxy: revoked, revoke } = Proxy.revocable({}, {})
revoke()

describe('options that are not the own fields of a plain object', () => {
  it.each([
    ['accessors of a class', new Config(), /inherits secret, timeout, and inherited options do not count/],
    ['fields of a prototype', Object.create({ secret: SECRET }), /inherits secret,/],
    ['fields of a prototype without one', Object.create(Object.assign(Object.create(null), { secret: SECRET })), /inherits secret,/],
    ['misspelt fields of a prototype', Object.create({ secrt: SECRET }), /inherits secrt,/],
    ['an accessor that throws', throwing, /^option 'secret' can't be read: its getter throws$/],
    ['a Proxy', new Proxy({ secret: SECRET }, {}), /^forRoot is given a Proxy/],
    ['a Proxy that throws', hostile, /^forRoot is given a Proxy/],
    ['a revoked Proxy', revoked, /^forRoot is given a Proxy/],
    ['a Proxy of options of cote', { cote: hostile }, /^option 'cote' is given a Proxy/],
    ['inherited options of cote', { cote: Object.create({ broadcast: '10.255.255.255' }) }, /^option 'cote' is given an object that inherits broadcast/],
    ['an accessor of cote that throws', { cote: { get port () { throw new Error(SECRET) } } }, /^option 'cote.port' can't be read/],
    ['a Proxy as a list', { headers: [hostile] }, /^option 'headers'/],
    ['a Proxy as the app', { app: hostile }, /^option 'app'/],
    ['a Proxy among the services', { services: [hostile] }, /^option 'services'/],
    ['a revoked Proxy as the services', { services: revoked }, /^option 'services'/],
    ['a Proxy of a class among the services', { services: [new Proxy(class {}, throwingTraps)] }, /^option 'services'/],
    ['a Proxy of a class among the remotes', { remotes: [new Proxy(class {}, throwingTraps)] }, /^option 'remotes'/],
    ['a Proxy as hooks', { hooks: hostile }, /^option 'hooks'/],
    ['a Proxy of a class among the errors', { errors: [new Proxy(class {}, throwingTraps)] }, /^option 'errors'/],
    ['middlewares that are no functions', { middlewares: { before: ['x'] } }, /^option 'middlewares'/],
    ['misspelt middlewares', { middlewares: { befor: () => {} } }, /^option 'middlewares'/]
  ])('are refused: %s', (_what, options, fault) => {
    expect(faultsOf(options)).toEqual([expect.stringMatching(fault)])
  })

  it('are read, and not passed over, where they are not enumerable', () => {
    const options = Object.defineProperty({}, 'secret', { value: 'short', enumerable: false })
    expect(faultsOf(options)).toEqual([expect.stringContaining('secret')])
  })

  it('are read once, so that they can\'t change between the check and the use', () => {
    let reads = 0
    const options = { get timeout () { return reads++ === 0 ? 1_000 : 'wrong' as never } }
    expect(resolveModule(options, {}).resolved?.options.timeout).toBe(1_000)
  })

  it('are refused by a transport as well', () => {
    expect(() => new CoteTransport(Object.create({ broadcast: '10.255.255.255' }) as object)).toThrow(/inherits broadcast/)
  })
})

describe('the messages about options', () => {
  it.each([
    ['5', "'5'"], [1.5, '1.5'], [NaN, 'NaN'], ['a\nb', "'a�b'"], [{}, 'an object'], [Symbol('x'), 'a symbol']
  ])('show a timeout of %p', (timeout, shown) => {
    expect(faultsOf({ timeout })).toEqual([`option 'timeout' is wrong: timeout must be an integer number, and it is ${shown}`])
  })

  it.each([
    [{ listen: '10.0.0.7' }, {}, /^option 'listen' names an address beyond this machine/],
    [{}, { MESH_LISTEN: '10.0.0.7' }, /^MESH_LISTEN names /],
    [{ cote: { address: '10.0.0.7' } }, {}, /^option 'cote.address' names /],
    [{ cote: { broadcast: '10.255.255.255' } }, {}, /^option 'cote.broadcast' names /],
    [{ cote: { unicast: ['127.0.0.1', '10.0.0.8'] } }, {}, /^option 'cote.unicast' names /],
    [{}, { COTE_MULTICAST_ADDRESS: '239.1.2.3' }, /^COTE_MULTICAST_ADDRESS names /],
    [{ cote: { multicast: '239.1.2.3' }, listen: '0.0.0.0' }, {}, /^option 'cote.multicast' and option 'listen' name /]
  ])('name what opens a node: %j with %j', (options, variables, fault) => {
    expect(resolveModule(options, variables).faults).toEqual([expect.stringMatching(fault)])
  })

  it.each([
    '1.2.3', '-', 'a..b', '...', '.', '999.1.1.1', '::::', '1:2:3', '-a', 'a-', 'a.b-.c', '127.0.0.1.',
    'x'.repeat(254), '[1.2.3.4]', '[::g]'
  ])(
    'refuse to listen at %j', listen => {
      const fault = [expect.stringContaining('must be an address')]
      expect(resolveModule({ listen }, {}).faults).toEqual(fault)
      expect(resolveModule({}, { MESH_LISTEN: listen }).faults).toEqual(fault)
    }
  )

  it.each(['node_7', 'a.b.', '3com.example', 'xn--bcher-kva.example'])('accept to listen at the name %j', listen => {
    expect(resolveModule({ listen, insecure: true }, {}).faults).toEqual([])
  })

  it('refuse a key that other nodes would refuse', () => {
    expect(faultsOf({ key: 'k'.repeat(1_001) })).toEqual([expect.stringContaining('at most 1000 bytes')])
    expect(resolveModule({ key: 'k'.repeat(1_000) }, {}).faults).toEqual([])
  })
})
