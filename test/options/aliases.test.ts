import { DistributedModule, type ConfigurationError, type DistributedModuleOptions } from 'feathers-mesh'
import { resolveModule } from '../../lib/options/resolve-module'
import { DiscoveryPort } from '../transport/cote/wire'
import { freePort } from '../free-port'
import { CoteMesh } from '../security/mesh-of'
import { until } from '../until'
import { setsVariables } from './environment-variables'

const set = setsVariables()

/** What the cote transport of a node works with. */
function coteOf (options: DistributedModuleOptions, environment: Record<string, string> = {}): Record<string, unknown> {
  const { resolved, faults } = resolveModule({ secret: 'sixteen characters', ...options }, environment)
  expect(faults).toEqual([])
  return Reflect.get(Object(resolved?.settings().transport), 'options') as Record<string, unknown>
}

/** The faults of options. */
function faultsOf (options: DistributedModuleOptions, environment: Record<string, string> = {}): readonly string[] {
  return resolveModule({ secret: 'sixteen characters', ...options }, environment).faults
}

const listens = (host: string, port?: number): object =>
  ({ listen: { host, basePort: port, highestPort: port } })

describe('the option listen', () => {
  it.each([
    ['127.0.0.2', listens('127.0.0.2')],
    ['127.0.0.2:4100', listens('127.0.0.2', 4100)],
    [':4100', listens('127.0.0.1', 4100)],
    ['localhost:4100', listens('localhost', 4100)],
    ['node-7.example.com', listens('node-7.example.com')],
    ['::1', listens('::1')],
    ['[::1]', listens('::1')],
    ['[::1]:4100', listens('::1', 4100)],
    ['127.0.0.1:0', listens('127.0.0.1', 0)]
  ])('accepts %s, and so does MESH_LISTEN', (listen, expected) => {
    expect(coteOf({ listen })).toMatchObject(expected)
    expect(coteOf({}, { MESH_LISTEN: listen })).toMatchObject(expected)
  })

  it.each([
    '', '4100', ':', ':70000', '127.0.0.1:', '127.0.0.1:http', '[::1', '[::1]4100', '[127.0.0.1:4100', 'a b', '*',
    '*:4100', 'http://127.0.0.1:4100', '127.0.0.1:123456'
  ])('refuses %j', listen => {
    const fault = "option 'listen' is wrong: listen must be an address"
    expect(faultsOf({ listen })).toEqual([expect.stringContaining(fault)])
  })

  const strangers: Array<[unknown]> = [[{ port: 4100 }], [4100], [['127.0.0.1']], [true]]

  it.each(strangers)('refuses the value %j, which is not a string', listen => {
    expect(faultsOf({ listen: listen as never })).toEqual([expect.stringContaining("option 'listen' is wrong")])
  })

  it('equals cote.address, which may be given beside it with the same value', () => {
    expect(coteOf({ listen: '127.0.0.2', cote: { address: '127.0.0.2' } })).toMatchObject(listens('127.0.0.2'))
    expect(coteOf({ listen: ':4100', cote: { address: '127.0.0.2' } })).toMatchObject(listens('127.0.0.2', 4100))
    expect(coteOf({ listen: '127.0.0.2:4100', cote: { basePort: 4100 } })).toMatchObject(listens('127.0.0.2', 4100))
  })

  it('is refused beside another address, or other ports, of cote', () => {
    const cote = { address: '127.0.0.3', basePort: 4200, highestPort: 4300 }
    expect(faultsOf({ listen: '127.0.0.2:4100', cote })).toEqual([
      expect.stringContaining('option \'listen\' says "127.0.0.2" and option \'cote.address\' says "127.0.0.3"'),
      expect.stringContaining("option 'cote.basePort' says 4200"),
      expect.stringContaining("option 'cote.highestPort' says 4300")
    ])
  })

  it('yields to options of cote when it comes from MESH_LISTEN', () => {
    const environment = { MESH_LISTEN: '127.0.0.2:4100', BASE_PORT: '4200', HIGHEST_PORT: '4300' }
    expect(coteOf({}, environment)).toMatchObject(listens('127.0.0.2', 4100))
    expect(coteOf({ cote: { address: '127.0.0.3' } }, environment)).toMatchObject(listens('127.0.0.3', 4100))
    expect(coteOf({ cote: { basePort: 4400, highestPort: 4500 } }, environment))
      .toMatchObject({ listen: { host: '127.0.0.2', basePort: 4400, highestPort: 4500 } })
  })

  it('needs a secret when it reaches beyond this machine, wherever it is set', () => {
    const fault = [expect.stringContaining('beyond this machine') as unknown]
    expect(resolveModule({ listen: '0.0.0.0' }, {}).faults).toEqual(fault)
    expect(resolveModule({}, { MESH_LISTEN: '[::]:4100' }).faults).toEqual(fault)
    expect(resolveModule({ listen: '0.0.0.0:4100', insecure: true }, {}).resolved?.isOpen).toBe(true)
  })

  it.each([
    ['option', { listen: '::1' }, {}, "option 'listen'"], ['variable', {}, { MESH_LISTEN: '::1' }, 'MESH_LISTEN']
  ])(
    'is named in the error when peers could not find the node there, as %s', (_what, options, environment, name) => {
      const cote = { broadcast: '192.0.2.255' }
      expect(faultsOf({ ...options, cote }, environment)).toEqual([expect.stringContaining(`${name} is ::1, but`)])
    })

  it('sets the address and the port that the node listens on', async () => {
    const mesh = new CoteMesh()
    const discovery = new DiscoveryPort()
    await discovery.open()
    const port = await freePort()
    try {
      set({ MESH_LISTEN: `127.0.0.1:${port}` })
      const { broadcast, environment } = mesh.cote
      const node = DistributedModule.forRoot({ environment, cote: { broadcast } })
      await node.start()
      const found = await until('its hello', () => discovery.hellos.find(
        ({ data: { advertisement: { key } } }) => key.startsWith(`${environment}:`)
      ))
      expect(found.data.advertisement.port).toBe(port)
      const second = DistributedModule.forRoot({ environment, cote: { broadcast } })
      const error = await second.start().then(() => undefined, (fault: ConfigurationError) => fault)
      expect(error?.message).toContain(`port ${port} is in use`)
      await node.stop()
    } finally {
      await discovery.close()
      await mesh.end()
    }
  })
})

describe('the option environment', () => {
  it('equals cote.environment', () => {
    expect(coteOf({ environment: 'staging' }).environment).toBe('staging:')
    expect(coteOf({ cote: { environment: 'staging' } }).environment).toBe('staging:')
    expect(coteOf({ environment: 'staging', cote: { environment: 'staging' } }).environment).toBe('staging:')
  })

  it('is refused beside a cote.environment that differs', () => {
    expect(faultsOf({ environment: 'staging', cote: { environment: 'production' } })).toEqual([
      'option \'environment\' says "staging" and option \'cote.environment\' says "production", which are two names ' +
      'of one thing; leave one of them out'
    ])
  })

  it.each([
    [{ environment: 'a' }, 'a:'], [{ cote: { environment: 'a' } }, 'a:'], [{}, 'b:'],
    [{ environment: '' }, 'b:'], [{ environment: '', cote: { environment: 'a' } }, 'a:']
  ])('takes precedence over MESH_ENVIRONMENT, and that over COTE_ENV, with %j', (options, expected) => {
    expect(coteOf(options, { MESH_ENVIRONMENT: 'b', COTE_ENV: 'c' }).environment).toBe(expected)
    expect(coteOf(options, { COTE_ENV: 'b' }).environment).toBe(expected)
  })
})
