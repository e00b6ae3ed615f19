import { feathers } from '@feathersjs/feathers'
import type { CoteOptions, DistributedModuleOptions, DistributionOptions, Transport } from 'feathers-mesh'
import distribution, {
  ConfigurationError, CoteTransport, DistributedModule, finalize, MemoryNetwork
} from 'feathers-mesh'
import { container } from 'tsyringe'
import { MODULE_OPTIONS } from '../../lib/options/module-options'
import { PLUGIN_OPTIONS } from '../../lib/options/plugin-options'
import { COTE_OPTIONS } from '../../lib/transport/cote/cote-options'
import { memoryMesh } from '../memory-mesh'
import { TodoService } from '../todo-service'

const mesh = memoryMesh()

/** The faults for which options are refused; options as JavaScript could give them. */
function faultsOf (options: unknown): readonly string[] {
  try {
    DistributedModule.forRoot(options as DistributedModuleOptions)
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults
    throw error
  }
  throw new Error('these options should have been refused')
}

/** The same for those of the plugin. */
function pluginFaultsOf (options: unknown): readonly string[] {
  try {
    feathers().configure(distribution(options as DistributionOptions))
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults
    throw error
  }
  throw new Error('these options should have been refused')
}

/** A transport for a node that joins immediately. */
function quiet (): Transport {
  return new MemoryNetwork().transport()
}

describe('the options', () => {
  it('may be omitted altogether', () => {
    expect(DistributedModule.forRoot()).toBeInstanceOf(DistributedModule)
  })

  it('may all be given', () => {
    const node = mesh.node({
      app: feathers(),
      container: container.createChildContainer(),
      services: [TodoService, 'users'],
      remotes: [TodoService, 'clocks'],
      remoteServices: () => true,
      remoteServicePath: ({ path }) => path,
      hooks: { before: {} },
      middlewares: { before: [], after: [] },
      key: 'backend',
      timeout: 100,
      drainTimeout: 100,
      transport: new MemoryNetwork().transport(),
      cote: {
        port: 12345, basePort: 8000, highestPort: 8010, helloInterval: 1000, broadcast: '127.255.255.255',
        unicast: ['127.0.0.1']
      },
      insecure: false
    })
    expect(node.nodes()[0]?.key).toBe('backend')
  })

  it.each([[null], ['todos'], [7]])('are refused when they are %p', options => {
    expect(faultsOf(options)).toEqual(['forRoot needs an options object; give {} for all defaults'])
  })

  it.each([
    ['a list', []], ['a Date', new Date()], ['a Map', new Map([['key', 'a']])], ['a Set', new Set()],
    ['a Promise', Promise.resolve({})], ['a string', 'todos'], ['a function', () => ({})], ['a class', TodoService]
  ])('are refused when they or an option that takes an object are %s, by the plugin as well', (_what, wrong) => {
    expect(faultsOf(wrong)).toEqual(['forRoot needs an options object; give {} for all defaults'])
    expect(pluginFaultsOf(wrong)).toEqual(['distribution needs an options object; give {} for all defaults'])
    for (const name of ['cote', 'hooks', 'middlewares']) {
      const fault = `option '${name}' is wrong: ${name} must be an object`
      expect(faultsOf({ [name]: wrong })).toEqual([fault])
      expect(pluginFaultsOf({ [name]: wrong })).toEqual([fault])
    }
    expect(faultsOf({ validation: wrong })).toEqual(["option 'validation' is wrong: validation must be an object"])
  })

  it.each([[[7]], [[null]], [new Map([[1, {}]])]])('are refused with a single fault when cote is %p', cote => {
    expect(faultsOf({ cote })).toEqual(["option 'cote' is wrong: cote must be an object"])
    expect(pluginFaultsOf({ cote })).toEqual(["option 'cote' is wrong: cote must be an object"])
  })

  it.each(Object.keys(MODULE_OPTIONS))('count as omitted when they are null, like %s', name => {
    expect(DistributedModule.forRoot({ [name]: null })).toBeInstanceOf(DistributedModule)
  })

  it.each(Object.keys(PLUGIN_OPTIONS))('count as omitted for the plugin when null, like %s', async name => {
    const app = feathers()
    jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    app.configure(distribution({ coteDelay: -1, [name]: null, ...name === 'coteDelay' ? { transport: quiet() } : {} }))
    jest.restoreAllMocks()
    expect(app).toHaveProperty('distributionOptions')
    await finalize(app)
  })

  it.each(Object.keys(COTE_OPTIONS))('count as omitted for cote when null, like %s', name => {
    const cote = { broadcast: '127.255.255.255', [name]: null }
    expect(DistributedModule.forRoot({ cote })).toBeInstanceOf(DistributedModule)
    expect(() => feathers().configure(distribution({ coteDelay: -1, cote }))).not.toThrow()
  })

  it('are refused when a list has a hole, by the plugin as well', () => {
    // eslint-disable-next-line no-sparse-arrays
    const hole = [, 'a']
    for (const name of ['remotes', 'services', 'remoteServices', 'distributedMethods', 'headers', 'errors']) {
      const fault = [expect.stringContaining(`option '${name}' is wrong: ${name} must be a list`)]
      expect(faultsOf({ [name]: hole })).toEqual(fault)
      expect(pluginFaultsOf({ [name]: hole })).toEqual(fault)
    }
    expect(faultsOf({ cote: { unicast: hole } })).toEqual([expect.stringContaining("'cote.unicast' is wrong")])
  })

  it.each(['secret', 'tls'])('are refused when %s is a class, by CoteTransport as well', name => {
    const fault = `option '${name}' is the class TodoService; give a value, or a function that returns it`
    expect(faultsOf({ [name]: TodoService })).toEqual([fault])
    expect(pluginFaultsOf({ [name]: TodoService })).toEqual([fault])
    expect(() => new CoteTransport({}, { [name]: TodoService })).toThrow(fault)
  })

  it('are refused when the services list contains an object without a class', () => {
    expect(faultsOf({ services: [Object.create(null)] })).toEqual([expect.stringContaining('services must be a list')])
  })

  it('are refused with the right name when an option is misspelt', () => {
    expect(faultsOf({ timout: 100 })).toEqual(["unknown option 'timout'; did you mean 'timeout'?"])
    expect(faultsOf({ Remote: [] })).toEqual(["unknown option 'Remote'; did you mean 'remotes'?"])
    expect(faultsOf({ cote: { base_port: 1 } })).toEqual(["unknown option 'cote.base_port'; did you mean 'basePort'?"])
  })

  it('are refused with a list of all names when no name is similar', () => {
    const [fault, ...rest] = faultsOf({ zookeeper: true })
    expect(rest).toEqual([])
    expect(fault).toMatch(/^unknown option 'zookeeper'; there are: advertise, app, .*container, cote, .*transport, .*waitForService$/)
  })

  it.each([
    [{ app: {} }, "option 'app' is wrong: app must be a Feathers app"],
    [{ container: {} }, "option 'container' is wrong: container must be a tsyringe container"],
    [{ services: [1] }, "option 'services' is wrong: services must be a list"],
    [
      { services: TodoService },
      "option 'services' is wrong: services must be a list of classes and paths, or a function; " +
      'put the class into one: [TodoService]'
    ],
    [
      { services: class Undecorated {} },
      "option 'services' is wrong: services must be a list of classes and paths, or a function; " +
      'put the class into one: [Undecorated]'
    ],
    [
      { remotes: TodoService },
      "option 'remotes' is wrong: remotes must be a list of classes and paths; put the class into one: [TodoService]"
    ],
    [{ remoteServicePath: TodoService }, "option 'remoteServicePath' is wrong: remoteServicePath must be a function"],
    [{ services: 'todos' }, "option 'services' is wrong: services must be a list"],
    [{ services: [''] }, "option 'services' is wrong: services must be a list"],
    [{ remotes: [{}] }, "option 'remotes' is wrong: remotes must be a list"],
    [
      { remoteServices: 'todos' },
      "option 'remoteServices' is wrong: remoteServices must be a list of paths, or a function"
    ],
    [{ remoteServicePath: 'todos' }, "option 'remoteServicePath' is wrong: remoteServicePath must be a function"],
    [{ hooks: 'all' }, "option 'hooks' is wrong: hooks must be an object"],
    [{ middlewares: 1 }, "option 'middlewares' is wrong: middlewares must be an object"],
    [{ key: '' }, "option 'key' is wrong: key must be longer than or equal to 1 characters"],
    [{ transport: {} }, "option 'transport' is wrong: transport must be a transport"],
    [{ insecure: 'yes' }, "option 'insecure' is wrong: insecure must be a boolean value"],
    [{ cote: { broadcast: 'everyone' } }, "option 'cote.broadcast' is wrong: broadcast must be an ip address"],
    [{ cote: { unicast: [1] } }, "option 'cote.unicast' is wrong: unicast must be an address"]
  ])('are refused when they are %j, because %s', (options, fault) => {
    expect(faultsOf(options)).toEqual([expect.stringContaining(fault)])
  })

  it.each([
    ['timeout'], ['drainTimeout'], ['cote.helloInterval'], ['cote.checkInterval'], ['cote.nodeTimeout'],
    ['cote.maxMessageSize'], ['cote.connectTimeout'], ['cote.idleTimeout'], ['cote.port'], ['cote.basePort']
  ])('are refused when %s is anything other than a whole number above 0', name => {
    for (const value of [0, -1, 1.5, NaN, Infinity, '100', null]) {
      const key = name.replace('cote.', '')
      const options = name === key ? { [key]: value } : { cote: { [key]: value } }
      // class-validator's "optional" takes null for left out.
      if (value === null) continue
      expect(faultsOf(options).join()).toContain(`option '${name}' is wrong`)
    }
  })

  it.each([['port'], ['basePort']])('are refused when cote.%s is above 65535', name => {
    expect(faultsOf({ cote: { [name]: 65536 } })).toEqual([`option 'cote.${name}' is wrong: ${name} must not be greater than 65535`])
  })

  it('are refused when cote is not an object', () => {
    expect(faultsOf({ cote: 1 }).join()).toContain("option 'cote' is wrong: cote must be an object")
  })

  it('are refused with all faults at once', () => {
    expect(faultsOf({ timout: 100, key: 7, timeout: 'soon', cote: { port: 0 } })).toEqual(expect.arrayContaining([
      "unknown option 'timout'; did you mean 'timeout'?",
      expect.stringContaining("option 'key' is wrong"),
      expect.stringContaining("option 'timeout' is wrong"),
      expect.stringContaining("option 'cote.port' is wrong")
    ]))
  })

  it('are refused when the range of ports is empty', () => {
    expect(faultsOf({ cote: { basePort: 9000, highestPort: 8000 } }))
      .toEqual(["option 'cote.highestPort' is 8000, but needs a 'cote.basePort' that is not above it"])
    expect(faultsOf({ cote: { highestPort: 8000 } })).toHaveLength(1)
  })

  it.each<[string, CoteOptions]>([
    ['a broadcast address', { broadcast: '192.0.2.255' }], ['a multicast address', { multicast: '239.1.2.3' }],
    ['one unicast address', { unicast: ['127.0.0.1', '192.0.2.1'] }], ['its unicast address', { unicast: '192.0.2.1' }],
    ['the address of all interfaces', { address: '0.0.0.0' }], ['a host name', { address: '127.example.com' }],
    ['a unicast host name', { unicast: '127.0.0.1.example.com' }]
  ])('are refused without the option insecure when cote has %s that reaches beyond this machine', (_what, cote) => {
    expect(faultsOf({ cote })).toEqual([expect.stringMatching(/beyond this machine.*insecure: true/)])
    const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    expect(DistributedModule.forRoot({ cote, insecure: true })).toBeInstanceOf(DistributedModule)
    const warning = expect.stringContaining('open to its network') as unknown
    expect(warnings.mock.calls).toEqual([[warning, { type: 'SecurityWarning', code: 'FEATHERS_MESH_OPEN' }]])
    warnings.mockRestore()
  })

  it('are refused when remotes names a class that is not a service', () => {
    class Undecorated {}
    expect(faultsOf({ remotes: [Undecorated] })).toEqual([
      expect.stringContaining('Undecorated is asked for as a remote service')
    ])
  })

  it('are refused when the transport already serves a node, by the plugin as well', async () => {
    const transport = new MemoryNetwork().transport()
    const node = mesh.node({ transport })
    const fault = "option 'transport' is an object that serves another node already; make one for each node"
    expect(faultsOf({ transport })).toEqual([fault])
    await node.start()
    await node.stop()
    expect(faultsOf({ transport })).toEqual([fault])
    expect(() => feathers().configure(distribution({ transport }))).toThrow(fault)
  })

  it('leave the transport usable for corrected options after they are refused', () => {
    const transport = new MemoryNetwork().transport()
    class Undecorated {}
    faultsOf({ transport, services: [Undecorated] })
    expect(mesh.node({ transport })).toBeInstanceOf(DistributedModule)
  })

  it('are refused when their app is already on the mesh', () => {
    const app = feathers()
    mesh.node({ app })
    expect(faultsOf({ app })).toEqual([expect.stringContaining('on the mesh already')])
  })

  it('are refused in one message that names every fault', () => {
    expect(() => DistributedModule.forRoot({ timout: 1, kee: 'x' } as DistributedModuleOptions)).toThrow(
      'feathers-mesh is not set up correctly:\n' +
      "  - unknown option 'timout'; did you mean 'timeout'?\n" +
      "  - unknown option 'kee'; did you mean 'key'?"
    )
  })
})
