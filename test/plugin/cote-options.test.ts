import dgram from 'node:dgram'
import { EventEmitter } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { feathers } from '@feathersjs/feathers'
import distribution, {
  ConfigurationError, finalize, initialize, type CoteOptions, type DistributionOptions
} from 'feathers-mesh'
import { DiscoveryPort, type Hello } from '../transport/cote/wire'
import { rejection, until } from '../until'
import { has, NamedService, pluginNodes, type PluginApp } from './plugin-nodes'

const nodes = pluginNodes()

const VARIABLES = ['BASE_PORT', 'HIGHEST_PORT', 'COTE_LOG', 'COTE_ENV', 'COTE_MULTICAST_ADDRESS', 'COTE_HELLO_INTERVAL']

afterEach(() => {
  for (const name of VARIABLES) Reflect.deleteProperty(process.env, name)
  jest.restoreAllMocks()
})

/** The hellos of the nodes of one cote environment. */
async function hellosOf (environment: string): Promise<() => Hello[]> {
  const port = new DiscoveryPort()
  await port.open()
  nodes.after(() => port.close())
  return () => port.hellos.filter(({ data }) => data.advertisement.key.startsWith(`${environment}:`))
}

/** The TCP port of the one node that a function starts. */
async function portOf (start: () => PluginApp): Promise<number> {
  const hellos = await hellosOf(nodes.cote().environment)
  start()
  const hello = await until('its hello', () => hellos()[0])
  return hello.data.advertisement.port
}

/** A port that nothing listens on, well away from those that the system gives out. */
async function freePort (): Promise<number> {
  for (let port = 21_000 + process.pid % 5_000; ; port += 10) {
    const server = createServer()
    const isFree = await new Promise<boolean>(resolve => {
      server.once('error', () => resolve(false)).listen({ port, host: '127.0.0.1' }, () => resolve(true))
    })
    await new Promise(resolve => server.close(resolve))
    if (isFree) return port
  }
}

/** Takes a port of this machine as long as the test runs. */
async function occupy (port: number): Promise<void> {
  const server = createServer()
  nodes.after(() => new Promise(resolve => server.close(resolve)))
  await new Promise<void>(resolve => server.listen({ port, host: '127.0.0.1' }, resolve))
  expect((server.address() as AddressInfo).port).toBe(port)
}

describe('the option cote', () => {
  it('may contain options of cote that have no effect here', async () => {
    const ignored: Record<string, unknown> = {
      statusLogsEnabled: false,
      masterTimeout: 60_000,
      isMasterEligible: false,
      ignoreProcess: false,
      redis: null
    }
    const cote: CoteOptions = { ...nodes.cote(), ...ignored }
    nodes.coteApp({ cote }).use('users', new NamedService('host'))
    const consumer = nodes.coteApp({ cote })
    await until('it is there', () => has(consumer, 'users'))
  })

  it('is refused when a value is invalid', () => {
    const configure = (): unknown => feathers().configure(distribution({ cote: { helloInterval: 0 } }))
    expect(configure).toThrow(ConfigurationError)
    expect(configure).toThrow("option 'cote.helloInterval' is wrong")
  })

  it('sets the interval of hellos', async () => {
    const hellos = await hellosOf(nodes.cote().environment)
    nodes.coteApp({ cote: { helloInterval: 5 } })
    // A node sends a few in its first seconds anyway.
    await until('many hellos', () => hellos().length > 20)
  })

  it('sets the range of ports', async () => {
    const basePort = await freePort()
    expect(await portOf(() => nodes.coteApp({ cote: { basePort, highestPort: basePort } }))).toBe(basePort)
  })

  it('sets the environment, and nodes of other environments stay invisible', async () => {
    const { environment } = nodes.cote()
    nodes.coteApp({ cote: { environment: `${environment}-other` } }).use('users', new NamedService('other'))
    nodes.coteApp({ key: 'same' }).use('clocks', new NamedService('same'))
    const consumer = nodes.coteApp()
    await until('the one of the same environment is there', () => has(consumer, 'clocks'))
    const sameAsOther = nodes.coteApp({ cote: { environment: `${environment}-other` } })
    await until('the other one is there for its own', () => has(sameAsOther, 'users'))
    expect(has(consumer, 'users')).toBe(false)
    expect(has(sameAsOther, 'clocks')).toBe(false)
  })
})

describe('the environment variable', () => {
  it('BASE_PORT sets the first port to try, and the next one is used when it is taken', async () => {
    const port = await freePort()
    await occupy(port)
    process.env.BASE_PORT = String(port)
    process.env.HIGHEST_PORT = String(port + 9)
    const taken = await portOf(() => nodes.coteApp())
    expect(taken).toBeGreaterThan(port)
    expect(taken).toBeLessThan(port + 10)
  })

  it('HIGHEST_PORT sets the last port to try', async () => {
    const port = await freePort()
    await occupy(port)
    process.env.BASE_PORT = process.env.HIGHEST_PORT = String(port)
    const error = await rejection(initialize(nodes.coteApp({ coteDelay: -1 })))
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(error.message).toContain(`port ${port} is in use`)
  })

  it('HIGHEST_PORT alone implies the first port of feathers-distributed', async () => {
    process.env.HIGHEST_PORT = '10400'
    const port = await portOf(() => nodes.coteApp())
    expect(port).toBeGreaterThanOrEqual(10_000)
    expect(port).toBeLessThanOrEqual(10_400)
  })

  it('BASE_PORT is the only port when it is above the last one of feathers-distributed', async () => {
    const port = await freePort()
    process.env.BASE_PORT = String(port)
    expect(await portOf(() => nodes.coteApp())).toBe(port)
    const error = await rejection(initialize(nodes.coteApp({ coteDelay: -1 })))
    expect(error.message).toContain(`port ${port} is in use`)
  })

  it('COTE_ENV sets the environment', async () => {
    const { broadcast, environment } = nodes.cote()
    process.env.COTE_ENV = environment
    const cote = { broadcast, environment: undefined }
    nodes.coteApp({ cote }).use('users', new NamedService('host'))
    const consumer = nodes.coteApp({ cote: { environment } })
    await until('it is there', () => has(consumer, 'users'))
  })

  it('COTE_MULTICAST_ADDRESS sets the multicast group of hellos', async () => {
    process.env.COTE_MULTICAST_ADDRESS = '239.1.2.3'
    jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const socket = new SilentSocket()
    jest.spyOn(dgram, 'createSocket').mockReturnValue(socket as unknown as dgram.Socket)
    nodes.coteApp({ cote: { address: '127.0.0.1', broadcast: undefined } })
    await until('a hello', () => socket.destinations.length > 0)
    expect(socket.groups).toEqual(['239.1.2.3'])
    expect(new Set(socket.destinations)).toEqual(new Set(['239.1.2.3']))
  })

  it('COTE_HELLO_INTERVAL sets the interval of hellos', async () => {
    process.env.COTE_HELLO_INTERVAL = '5'
    const hellos = await hellosOf(nodes.cote().environment)
    nodes.coteApp()
    await until('many hellos', () => hellos().length > 20)
  })
})

/** A UDP socket that lets nothing out. */
class SilentSocket extends EventEmitter {
  readonly groups: string[] = []
  readonly destinations: string[] = []

  bind (_address: object, done: () => void): void { done() }
  setBroadcast (): void {}
  addMembership (group: string): void { this.groups.push(group) }
  send (_packet: Buffer, _port: number, destination: string, done: (error: null) => void): void {
    this.destinations.push(destination)
    done(null)
  }

  close (done?: () => void): void { done?.() }
}

describe('the log of nodes that join and leave', () => {
  async function logOf (options: { readonly cote?: CoteOptions }): Promise<{ lines: string[], other: PluginApp }> {
    const lines: string[] = []
    jest.spyOn(console, 'log').mockImplementation((line: string) => { lines.push(line) })
    const app = nodes.coteApp(options)
    const other = nodes.coteApp()
    await until('it is seen', () => app.remoteApps?.default?.has(other.uuid))
    await finalize(other)
    await until('it is gone', () => app.remoteApps?.default === undefined)
    return { lines, other }
  }

  it.each([
    ['cote.log', { cote: { log: true } }, undefined],
    ['COTE_LOG', {}, '1']
  ])('is written to the console, one line for each event, when %s is set', async (_what, options, variable) => {
    if (variable !== undefined) process.env.COTE_LOG = variable
    const { lines, other } = await logOf(options)
    const own = lines.filter(line => line.includes(other.uuid))
    const name = 'feathers services responder'
    expect(own).toEqual([
      expect.stringMatching(new RegExp(`^${name} > service.online ${name}#${other.uuid} on \\d+$`)),
      expect.stringMatching(new RegExp(`^${name} > service.offline ${name}#${other.uuid} on \\d+$`))
    ])
  })

  it('is not written by default', async () => {
    expect((await logOf({})).lines).toEqual([])
  })

  it('is not written when cote.log is false, whatever COTE_LOG says', async () => {
    process.env.COTE_LOG = 'true'
    const lines: string[] = []
    jest.spyOn(console, 'log').mockImplementation((line: string) => { lines.push(line) })
    const quiet = { cote: { log: false } }
    const [one, two] = [nodes.coteApp(quiet), nodes.coteApp(quiet)]
    await until('it is seen', () => one.remoteApps?.default?.has(two.uuid))
    expect(lines).toEqual([])
  })
})

describe('the warning of an open node', () => {
  /** The warnings of an app with these options, which never joins. */
  function warningsOf (options: DistributionOptions): unknown[] {
    const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    feathers().configure(distribution({ ...options, coteDelay: -1 }))
    const { calls } = warnings.mock
    warnings.mockRestore()
    return calls
  }

  const OPEN = [expect.stringContaining('open to its network'), { type: 'SecurityWarning', code: 'FEATHERS_MESH_OPEN' }]

  it('appears once for each node that other machines can reach', () => {
    expect(warningsOf({})).toEqual([OPEN])
    expect(warningsOf({ cote: { broadcast: '192.0.2.255' } })).toEqual([OPEN])
    expect(warningsOf({ cote: { multicast: '239.1.2.3' } })).toEqual([OPEN])
    expect(warningsOf({ cote: { broadcast: '127.255.255.255', address: '0.0.0.0' } })).toEqual([OPEN])
  })

  it('appears for a group that COTE_MULTICAST_ADDRESS names', () => {
    process.env.COTE_MULTICAST_ADDRESS = '239.1.2.3'
    expect(warningsOf({})).toEqual([OPEN])
    // An option of the node goes before any variable of cote.
    expect(warningsOf({ cote: { broadcast: '127.255.255.255' } })).toEqual([])
  })

  it('does not appear for a node that stays on this machine', () => {
    expect(warningsOf({ cote: { broadcast: '127.255.255.255' } })).toEqual([])
    expect(warningsOf({ cote: { unicast: ['127.0.0.1'] } })).toEqual([])
  })

  it('does not appear for other transports', () => {
    expect(warningsOf({ transport: nodes.transport() })).toEqual([])
  })

  it('does not appear again when the node rejoins', async () => {
    const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    jest.spyOn(dgram, 'createSocket').mockImplementation(() => new SilentSocket() as unknown as dgram.Socket)
    const app = nodes.coteApp({ cote: { multicast: '239.1.2.3', address: '127.0.0.1' } })
    await initialize(app)
    await finalize(app)
    await initialize(app)
    expect(warnings).toHaveBeenCalledTimes(1)
  })
})

describe('the options of the plugin', () => {
  it('are refused with all of their faults named', () => {
    const options = { coteDelay: -2, cote: { port: 0 } } as object
    const configure = (): unknown => feathers().configure(distribution(options))
    expect(configure).toThrow("option 'coteDelay' is wrong")
    expect(configure).toThrow("option 'cote.port' is wrong")
  })

  it('cause a warning when a name is unknown, because feathers-distributed ignores such names', () => {
    const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const options = { timout: 1, coteDelay: -1, cote: { broadcast: '127.255.255.255' } } as object
    feathers().configure(distribution(options))
    expect(warnings.mock.calls).toEqual([["feathers-mesh: unknown option 'timout'; did you mean 'timeout'?"]])
  })

  it('are refused when cote.key would keep nodes from finding each other', () => {
    const cote = { broadcast: '127.255.255.255', key: 'secret' }
    expect(() => feathers().configure(distribution({ cote }))).toThrow("option 'cote.key' asks for")
  })

  it('are refused when they are not an object', () => {
    expect(() => feathers().configure(distribution('todos' as never))).toThrow('needs an options object')
    expect(() => feathers().configure(distribution(null as never))).toThrow('needs an options object')
  })

  it('may be omitted', () => {
    process.env.COTE_DELAY = '-1'
    jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    try {
      expect(() => feathers().configure(distribution())).not.toThrow()
    } finally {
      Reflect.deleteProperty(process.env, 'COTE_DELAY')
    }
  })
})
