import { feathers } from '@feathersjs/feathers'
import distribution, { finalize, type DistributedModuleOptions, type DistributionOptions } from 'feathers-mesh'
import { resolveModule } from '../../lib/options/resolve-module'
import { resolvePlugin } from '../../lib/options/resolve-plugin'
import { memoryMesh } from '../memory-mesh'
import { until } from '../until'
import { setsVariables } from './environment-variables'

const mesh = memoryMesh()
const set = setsVariables()
const ON_THIS_MACHINE = { cote: { broadcast: '127.255.255.255' } }

type Resolve = (options: object, environment: Record<string, string>) => ReturnType<typeof resolveModule>

/** The options of a node in an environment, by both ways to make one. */
const WAYS: Array<[string, Resolve]> = [
  ['forRoot', (options: DistributedModuleOptions, environment) => resolveModule(options, environment)],
  ['the plugin', (options: DistributionOptions, environment) =>
    resolvePlugin({ ...ON_THIS_MACHINE, ...options }, environment) as ReturnType<typeof resolveModule>]
]

describe.each(WAYS)('the environment of %s', (_way, resolve) => {
  /** An option that the node has at last. */
  const optionOf = (name: string, environment: Record<string, string>, options: object = {}): unknown => {
    const { resolved, faults } = resolve(options, environment)
    expect(faults).toEqual([])
    return Reflect.get(resolved?.options ?? {}, name)
  }

  it.each([
    ['key', 'MESH_KEY', 'todos', 'todos'],
    ['name', 'MESH_NAME', 'api-7f', 'api-7f'],
    ['environment', 'MESH_ENVIRONMENT', 'staging', 'staging'],
    ['environment', 'COTE_ENV', 'staging', 'staging'],
    ['listen', 'MESH_LISTEN', '127.0.0.1:4100', '127.0.0.1:4100'],
    ['secret', 'MESH_SECRET', 'sixteen characters', 'sixteen characters'],
    ['publicationDelay', 'PUBLICATION_DELAY', '70', 70],
    ['componentDelay', 'COMPONENT_DELAY', '70', 70],
    ['heartbeatInterval', 'HEARTBEAT_INTERVAL', '70', 70]
  ])('sets %s by %s, and the option takes precedence', (option, variable, text, value) => {
    expect(optionOf(option, { [variable]: text })).toBe(value)
    const other = typeof value === 'number' ? 80 : option === 'listen' ? '127.0.0.2' : 'other than that one'
    expect(optionOf(option, { [variable]: text }, { [option]: other })).toBe(other)
  })

  it('prefers MESH_ENVIRONMENT to COTE_ENV, and cote.environment to both', () => {
    const environment = { MESH_ENVIRONMENT: 'ours', COTE_ENV: 'of cote' }
    expect(optionOf('environment', environment)).toBe('ours')
    expect(optionOf('environment', { ...environment, MESH_ENVIRONMENT: '' })).toBe('of cote')
  })

  it.each(['MESH_KEY', 'MESH_NAME', 'MESH_ENVIRONMENT', 'MESH_LISTEN'])('ignores an empty %s', variable => {
    expect(resolve({}, { [variable]: '' }).faults).toEqual([])
  })

  it.each([
    ['MESH_LISTEN', '4100', 'MESH_LISTEN is wrong: it must be an address'],
    ['MESH_LISTEN', '127.0.0.1:70000', 'MESH_LISTEN is wrong: it must be an address'],
    ['MESH_NAME', 'a\nb', 'MESH_NAME is wrong: it must be a text of 1 to 100 characters'],
    ['MESH_LOG', 'perhaps', 'MESH_LOG is wrong: it must be one of true, 1, yes, on, false, 0, no, off'],
    ['MESH_SECRET', '', 'MESH_SECRET must have at least 16 characters']
  ])('is refused with the name of the variable, like %s=%j', (variable, text, fault) => {
    expect(resolve({}, { [variable]: text }).faults).toContainEqual(expect.stringContaining(fault))
  })

  it('is refused with all faults of options and variables', () => {
    expect(resolve({ timeout: 'soon', key: 7 }, { MESH_LISTEN: '4100', MESH_NAME: ' ' }).faults).toEqual([
      expect.stringContaining("option 'timeout'"), expect.stringContaining("option 'key'"),
      expect.stringContaining('MESH_NAME'), expect.stringContaining('MESH_LISTEN')
    ].map(text => text as unknown))
  })

  it.each([
    ['MESH_KYE', "; did you mean 'MESH_KEY'?"],
    ['MESH_SECRETS', "; did you mean 'MESH_SECRET'?"]
  ])('causes a warning for the unknown variable %s', (name, advice) => {
    expect(resolve({}, { [name]: 'todos', KEY: 'x' }).resolved?.warnings).toEqual([
      `unknown variable '${name}' in the environment${advice}`
    ])
  })

  it.each([
    'MESH_ZOOKEEPER', 'MESH_SERVICE_HOST', 'MESH_SERVICE_PORT', 'MESH_SERVICE_PORT_HTTP', 'MESH_PORT',
    'MESH_PORT_4100_TCP', 'MESH_PORT_4100_TCP_ADDR', 'MESH_PORT_53_UDP_PROTO', 'MESH_KEY_PORT', 'MESH_KEY_SERVICE_HOST'
  ])('causes no warning for %s, which another program or Kubernetes sets', name => {
    expect(resolve({}, { [name]: 'tcp://10.0.0.1:4100' }).resolved?.warnings).toEqual([])
  })

  it.each([
    ...['true', '1', 'yes', 'on', 'TRUE', 'On'].map(word => [word, true]),
    ...['false', '0', 'no', 'off', 'False', 'NO'].map(word => [word, false])
  ])('reads %j in MESH_LOG as %p, whatever COTE_LOG says', (word, value) => {
    const { resolved, faults } = resolve({}, { MESH_LOG: String(word), COTE_LOG: 'true' })
    expect(faults).toEqual([])
    const transport = resolved?.settings().transport
    expect(Reflect.get(Reflect.get(Object(transport), 'options') as object, 'log')).toBe(value)
  })
})

describe('a node', () => {
  it('warns once about an unknown variable', () => {
    set({ MESH_KYE: 'todos' })
    const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    mesh.node()
    expect(warnings.mock.calls).toEqual([[expect.stringContaining("'MESH_KYE'")]])
    warnings.mockRestore()
  })

  it('takes its key from MESH_KEY when forRoot makes it', () => {
    set({ MESH_KEY: 'todos' })
    expect(mesh.node().nodes()[0]?.key).toBe('todos')
  })

  it('takes its key from MESH_KEY when the plugin makes it', async () => {
    set({ MESH_KEY: 'todos' })
    const app = feathers().configure(distribution({ transport: mesh.transport(), coteDelay: -1 }))
    expect(await until('its key', () => Reflect.get(app, 'distributionKey'))).toBe('todos')
    await finalize(app)
  })
})
