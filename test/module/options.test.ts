import { feathers } from '@feathersjs/feathers'
import type { DistributedModuleOptions, DistributionOptions, Transport } from 'feathers-mesh'
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

/** A transport for a node that joins at once. */
function quiet (): Transport {
  return new MemoryNetwork().transport()
}

describe('options', () => {
  it('may be left out altogether', () => {
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
    ['a Promise', Promise.resolve({})], ['a text', 'todos'], ['a function', () => ({})], ['a class', TodoService]
  ])('are refused where an object of options is to be and they are %s, by the plugin as well', (_what, wrong) => {
    expect(faultsOf(wrong)).toEqual(['forRoot needs an options object; give {} for all defaults'])
    expect(pluginFaultsOf(wrong)).toEqual(['distribution needs an options object; give {} for all defaults'])
    for (const name of ['cote', 'hooks', 'middlewares']) {
      const fault = `option '${name}' is wrong: ${name} must be an object`
      expect(faultsOf({ [name]: wrong })).toEqual([fault])
      expect(pluginFaultsOf({ [name]: wrong })).toEqual([fault])
    }
    expect(faultsOf({ validation: wrong })).toEqual(["option 'validation' is wrong: validation must be an object"])
  })

  it.each([[[7]], [[null]], [new Map([[1, {}]])]])('are refused with one fault where cote is %p', cote => {
    expect(faultsOf({ cote })).toEqual(["option 'cote' is wrong: cote must be an object"])
    expect(pluginFaultsOf({ cote })).toEqual(["option 'cote' is wrong: cote must be an object"])
  })

  it.each(Object.keys(MODULE_OPTIONS))('that are null are left out: %s', name => {
    expect(DistributedModule.forRoot({ [name]: null })).toBeInstanceOf(DistributedModule)
  })

  it.each(Object.keys(PLUGIN_OPTIONS))('of the plugin that are null are left out: %s', async name => {
    const app = feathers()
    jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    app.configure(distribution({ coteDelay: -1, [name]: null, ...name === 'coteDelay' ? { transport: quiet() } : {} }))
    jest.restoreAllMocks()
    expect(app).toHaveProperty('distributionOptions')
    await finalize(app)
  })

  it.each(Object.keys(COTE_OPTIONS))('of cote that are null are left out: %s', name => {
    const cote = { broadcast: '127.255.255.255', [name]: null }
    expect(DistributedModule.forRoot({ cote })).toBeInstanceOf(DistributedModule)
    expect(() => feathers().configure(distribution({ coteDelay: -1, cote }))).not.toThrow()
  })

  it('with a list that has a hole are refused, and by the plugin as well', () => {
    // eslint-disable-next-line no-sparse-arrays
    const hole = [, 'a']
    for (const name of ['remotes', 'services', 'remoteServices', 'distributedMethods', 'headers', 'errors']) {
      const fault = [expect.stringContaining(`option '${name}' is wrong: ${name} must be a list`)]
      expect(faultsOf({ [name]: hole })).toEqual(fault)
      expect(pluginFaultsOf({ [name]: hole })).toEqual(fault)
    }
    expect(faultsOf({ cote: { unicast: hole } })).toEqual([expect.stringContaining("'cote.unicast' is wrong")])
  })

  it.each(['secret', 'tls'])('with a class as %s are refused, and so is a transport of that', name => {
    const fault = `option '${name}' is the class TodoService; give a value, or a function that returns it`
    expect(faultsOf({ [name]: TodoService })).toEqual([fault])
    expect(pluginFaultsOf({ [name]: TodoService })).toEqual([fault])
    expect(() => new CoteTransport({}, { [name]: TodoService })).toThrow(fault)
  })

  it('with an object that has no class among the services are refused', () => {
    expect(faultsOf({ services: [Object.create(null)] })).toEqual([expect.stringContaining('services must be a list')])
  })

  it('with a name that is nearly right are refused with the right one', () => {
    expect(faultsOf({ timout: 100 })).toEqual(["unknown option 'timout'; did you mean 'timeout'?"])
    expect(faultsOf({ Remote: [] })).toEqual(["unknown option 'Remote'; did you mean 'remotes'?"])
    expect(faultsOf({ cote: { base_port: 1 } })).toEqual(["unknown option 'cote.base_port'; did you mean 'basePort'?"])
  })

  it('with a name that nothing is near to are refused with all names', () => {
    const [fault, ...rest] = faultsOf({ zookeeper: true })
    expect(rest).toEqual([])
    expect(fault).toMatch(/^unknown option 'zookeeper'; there are: app, .*container, cote, .*transport, .*waitForService$/)
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
  ])('%j are refused: %s', (options, fault) => {
    expect(faultsOf(options)).toEqual([expect.stringContaining(fault)])
  })

  it.each([
    ['timeout'], ['drainTimeout'], ['cote.helloInterval'], ['cote.checkInterval'], ['cote.nodeTimeout'],
    ['cote.maxMessageSize'], ['cote.connectTimeout'], ['cote.idleTimeout'], ['cote.port'], ['cote.basePort']
  ])('%s must be a whole number above 0', name => {
    for (const value of [0, -1, 1.5, NaN, Infinity, '100', null]) {
      const key = name.replace('cote.', '')
      const options = name === key ? { [key]: value } : { cote: { [key]: value } }
      // class-validator's "optional" takes null for left out.
      if (value === null) continue
      expect(faultsOf(options).join()).toContain(`option '${name}' is wrong`)
    }
  })

  it.each([['port'], ['basePort']])('cote.%s must be a port', name => {
    expect(faultsOf({ cote: { [name]: 65536 } })).toEqual([`option 'cote.${name}' is wrong: ${name} must not be greater than 65535`])
  })

  it('cote must be an object', () => {
    expect(faultsOf({ cote: 1 }).join()).toContain("option 'cote' is wrong: cote must be an object")
  })

  it('with several faults are refused with all of them', () => {
    expect(faultsOf({ timout: 100, key: 7, timeout: 'soon', cote: { port: 0 } })).toEqual(expect.arrayContaining([
      "unknown option 'timout'; did you mean 'timeout'?",
      expect.stringContaining("option 'key' is wrong"),
      expect.stringContaining("option 'timeout' is wrong"),
      expect.stringContaining("option 'cote.port' is wrong")
    ]))
  })

  it('with a range of ports that is none are refused', () => {
    expect(faultsOf({ cote: { basePort: 9000, highestPort: 8000 } }))
      .toEqual(["option 'cote.highestPort' is 8000, but needs a 'cote.basePort' that is not above it"])
    expect(faultsOf({ cote: { highestPort: 8000 } })).toHaveLength(1)
  })

  it.each([
    [{ broadcast: '192.0.2.255' }], [{ multicast: '239.1.2.3' }], [{ unicast: ['127.0.0.1', '192.0.2.1'] }],
    [{ unicast: '192.0.2.1' }],
    [{ address: '0.0.0.0' }], [{ address: '127.example.com' }], [{ unicast: '127.0.0.1.example.com' }]
  ])('with an address beyond this machine are refused unless they say insecure: %j', cote => {
    expect(faultsOf({ cote })).toEqual([expect.stringMatching(/beyond this machine.*insecure: true/)])
    const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    expect(DistributedModule.forRoot({ cote, insecure: true })).toBeInstanceOf(DistributedModule)
    const warning = expect.stringContaining('open to its network') as unknown
    expect(warnings.mock.calls).toEqual([[warning, { type: 'SecurityWarning', code: 'FEATHERS_MESH_OPEN' }]])
    warnings.mockRestore()
  })

  it('with a class in remotes that is no service are refused', () => {
    class Undecorated {}
    expect(faultsOf({ remotes: [Undecorated] })).toEqual([
      expect.stringContaining('Undecorated is asked for as a remote service')
    ])
  })

  it('with a transport that serves a node already are refused, and by the plugin as well', async () => {
    const transport = new MemoryNetwork().transport()
    const node = mesh.node({ transport })
    const fault = "option 'transport' is an object that serves another node already; make one for each node"
    expect(faultsOf({ transport })).toEqual([fault])
    await node.start()
    await node.stop()
    expect(faultsOf({ transport })).toEqual([fault])
    expect(() => feathers().configure(distribution({ transport }))).toThrow(fault)
  })

  it('that are refused leave the transport to whoever gives it with better ones', () => {
    const transport = new MemoryNetwork().transport()
    class Undecorated {}
    faultsOf({ transport, services: [Undecorated] })
    expect(mesh.node({ transport })).toBeInstanceOf(DistributedModule)
  })

  it('with an app that is on the mesh already are refused', () => {
    const app = feathers()
    mesh.node({ app })
    expect(faultsOf({ app })).toEqual([expect.stringContaining('on the mesh already')])
  })

  it('are all named in the message', () => {
    expect(() => DistributedModule.forRoot({ timout: 1, kee: 'x' } as DistributedModuleOptions)).toThrow(
      'feathers-mesh is not set up correctly:\n' +
      "  - unknown option 'timout'; did you mean 'timeout'?\n" +
      "  - unknown option 'kee'; did you mean 'key'?"
    )
  })
})
