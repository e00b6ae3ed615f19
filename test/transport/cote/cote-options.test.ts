import type { CoteOptions } from '../../../lib/transport/cote/cote-options'
import { resolveCoteOptions, resolveOptions } from '../../../lib/transport/cote/resolve-options'

const staysOnThisMachine = (options: CoteOptions): boolean =>
  resolveCoteOptions(options, process.env).resolved.staysOnThisMachine

/** Where the hellos of a node go. */
const hostsOf = (options: CoteOptions): readonly string[] =>
  resolveOptions(options).discovery.ways.flatMap(({ hosts }) => hosts)

const environment = process.env

beforeEach(() => {
  // cote reads these; those of the machine that runs the tests are not meant.
  process.env = Object.fromEntries(
    Object.entries(environment).filter(([name]) => !name.startsWith('COTE_') && name !== 'DOCKERCLOUD_IP_ADDRESS')
  )
})

afterEach(() => {
  process.env = environment
})

describe('the options of the cote transport', () => {
  it('keep a node on this machine by default', () => {
    expect(resolveOptions()).toMatchObject({
      environment: '',
      discovery: { port: 12345, ways: [{ hosts: ['127.255.255.255'] }] },
      listen: { host: '127.0.0.1', basePort: undefined, highestPort: undefined }
    })
  })

  it('take the given values and defaults for the others', () => {
    const { discovery, listen, ...rest } = resolveOptions({
      ...{ port: 1000, helloInterval: 1, checkInterval: 2, nodeTimeout: 3 },
      ...{ basePort: 8000, highestPort: 8010, maxMessageSize: 4, connectTimeout: 5, idleTimeout: 6 }
    })
    expect(discovery).toMatchObject({
      port: 1000, helloInterval: 1, checkInterval: 2, nodeTimeout: 3, ways: [{ hosts: ['127.255.255.255'] }]
    })
    expect(listen).toEqual({ host: '127.0.0.1', basePort: 8000, highestPort: 8010 })
    expect(rest).toMatchObject({ maxMessageSize: 4, connectTimeout: 5, idleTimeout: 6 })
  })

  it('count as omitted when they are undefined', () => {
    expect(
      resolveOptions({ port: undefined, broadcast: undefined, environment: undefined, multicast: undefined })
    ).toEqual(resolveOptions())
  })

  it('turn the environment into the prefix that cote uses in keys', () => {
    expect(resolveOptions({ environment: 'production' }).environment).toBe('production:')
  })

  it('accept a single unicast address in place of a list', () => {
    expect(hostsOf({ unicast: '192.0.2.1' })).toEqual(['192.0.2.1'])
    expect(hostsOf({ unicast: ['192.0.2.1', '192.0.2.2'] })).toEqual(['192.0.2.1', '192.0.2.2'])
  })

  it('listen on all addresses when hellos leave this machine, unless an address is given', () => {
    expect(resolveOptions({ broadcast: '192.0.2.255' })).toMatchObject({
      discovery: { address: '0.0.0.0' }, listen: { host: '0.0.0.0' }
    })
    expect(resolveOptions({ broadcast: '192.0.2.255', address: '192.0.2.7' }).listen.host).toBe('192.0.2.7')
  })
})

describe("cote's environment variables", () => {
  it('apply when no option is given', () => {
    Object.assign(
      process.env,
      { COTE_ENV: 'staging', COTE_HELLO_INTERVAL: '11', COTE_CHECK_INTERVAL: '12', COTE_NODE_TIMEOUT: '13' }
    )
    expect(resolveOptions()).toMatchObject({
      environment: 'staging:', discovery: { helloInterval: 11, checkInterval: 12, nodeTimeout: 13 }
    })
    expect(resolveOptions({ environment: 'mine', helloInterval: 1 })).toMatchObject({
      environment: 'mine:', discovery: { helloInterval: 1 }
    })
  })

  it('leave the default when they hold no number', () => {
    process.env.COTE_HELLO_INTERVAL = 'often'
    expect(resolveOptions().discovery.helloInterval).toBe(
      resolveOptions({ helloInterval: 10_000 }).discovery.helloInterval
    )
  })

  it('are considered in the decision whether the node stays on this machine', () => {
    expect(staysOnThisMachine({})).toBe(true)
    process.env.COTE_MULTICAST_ADDRESS = '239.1.2.3'
    expect(staysOnThisMachine({})).toBe(false)
    expect(hostsOf({})).toEqual(['239.1.2.3'])
  })

  it('include the variable of a container cloud', () => {
    process.env.DOCKERCLOUD_IP_ADDRESS = '10.7.0.1/16'
    expect(staysOnThisMachine({})).toBe(false)
    expect(staysOnThisMachine({ broadcast: '127.255.255.255' })).toBe(true)
  })
})

describe('options that are resolved', () => {
  it('are recognised by their identity, not by their looks', () => {
    const resolved = resolveOptions({ port: 1000 })
    expect(resolveOptions(resolved)).toBe(resolved)
    for (const stranger of [{ listen: {} }, { ...resolved }, { listen: undefined, port: -1 }]) {
      expect(() => resolveOptions(stranger as CoteOptions)).toThrow("unknown option 'listen'")
    }
  })
})

describe('a node', () => {
  it.each<[CoteOptions]>([
    [{}], [{ broadcast: '127.255.255.255' }], [{ broadcast: '127.0.0.255' }], [{ unicast: '127.0.0.1' }],
    [{ unicast: ['127.0.0.1', 'localhost'] }],
    [{ address: '127.0.0.2' }], [{ address: 'localhost' }]
  ])('stays on this machine with %j', options => {
    expect(staysOnThisMachine(options)).toBe(true)
  })

  it.each<[CoteOptions]>([
    [{ broadcast: '255.255.255.255' }], [{ broadcast: '10.0.0.255' }], [{ multicast: '239.1.2.3' }],
    [{ unicast: ['127.0.0.1', '10.0.0.1'] }],
    [{ unicast: 'example.com' }], [{ address: '0.0.0.0' }], [{ address: '::' }], [{ address: '10.0.0.1' }],
    [{ address: '127.example.com' }],
    [{ broadcast: '1270.0.0.1' }]
  ])('leaves this machine with %j', options => {
    expect(staysOnThisMachine(options)).toBe(false)
  })
})
