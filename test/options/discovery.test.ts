import { ConfigurationError, CoteTransport, dns, staticNodes } from 'feathers-mesh'
import { resolveModule } from '../../lib/options/resolve-module'
import { resolvePlugin } from '../../lib/options/resolve-plugin'
import type { CoteOptions } from '../../lib/transport/cote/cote-options'
import { resolveCoteOptions } from '../../lib/transport/cote/resolve-options'
import { setsVariables } from './environment-variables'

const set = setsVariables()

/** What the log says of each way that options and variables lead to. */
function titles (given: CoteOptions, variables: Readonly<Record<string, string>> = {}): string[] {
  return resolveCoteOptions(given, variables).resolved.discovery.ways.map(way => way.title(12345))
}

const broadcast = (address: string): string => `by broadcast to ${address}, UDP port 12345`

describe('the option discovery', () => {
  it.each([
    ['broadcast://10.0.255.255', broadcast('10.0.255.255')],
    ['BROADCAST://10.0.255.255/', broadcast('10.0.255.255')],
    ['multicast://239.1.2.3', 'by multicast to 239.1.2.3, UDP port 12345'],
    ['multicast://[ff02::6d65%eth0]', 'by multicast to ff02::6d65%eth0, UDP port 12345'],
    ['multicast://ff12::6d65', 'by multicast to ff12::6d65, UDP port 12345'],
    ['unicast://10.0.0.7', 'by unicast to 10.0.0.7, UDP port 12345'],
    ['unicast://10.0.0.7,[fd00::7], todos.internal', 'by unicast to 10.0.0.7, fd00::7, todos.internal, UDP port 12345']
  ])('takes %s', (discovery, title) => {
    expect(titles({ discovery })).toEqual([title])
  })

  it('takes a list, whose ways are one mesh', () => {
    const discovery = ['broadcast://127.255.255.255', 'unicast://10.0.0.7']
    expect(titles({ discovery })).toEqual([broadcast('127.255.255.255'), 'by unicast to 10.0.0.7, UDP port 12345'])
  })

  it('is given by MESH_DISCOVERY, where spaces separate several', () => {
    const variables = { MESH_DISCOVERY: ' broadcast://127.255.255.255\tunicast://127.0.0.1,127.0.0.2 ' }
    expect(titles({}, variables)).toEqual([
      broadcast('127.255.255.255'), 'by unicast to 127.0.0.1, 127.0.0.2, UDP port 12345'
    ])
  })

  it.each<[string, CoteOptions, Record<string, string>, string]>([
    ['the option before MESH_DISCOVERY', { discovery: 'broadcast://127.0.0.1' },
      { MESH_DISCOVERY: 'broadcast://127.0.0.2' }, '127.0.0.1'],
    ['MESH_DISCOVERY before options of cote', { broadcast: '127.0.0.3' },
      { MESH_DISCOVERY: 'broadcast://127.0.0.2' }, '127.0.0.2'],
    ['options of cote before its variables', { broadcast: '127.0.0.3' },
      { COTE_MULTICAST_ADDRESS: '239.1.2.3', COTE_BROADCAST_ADDRESS: '127.0.0.4' }, '127.0.0.3'],
    ['variables of cote before the default', {}, { COTE_BROADCAST_ADDRESS: '127.0.0.4' }, '127.0.0.4'],
    ['the default where nothing is given', {}, {}, '127.255.255.255']
  ])('counts in this order: %s', (_what, given, variables, address) => {
    expect(titles(given, variables)).toEqual([broadcast(address)])
  })

  it('counts for forRoot and for the plugin alike', () => {
    const options = { discovery: 'unicast://10.0.0.7' }
    expect(resolveModule(options, {}).faults).toEqual([expect.stringMatching(/^option 'discovery' names an address beyond/)])
    expect(resolvePlugin(options, {}).resolved?.isOpen).toBe(true)
    expect(resolvePlugin({ discovery: 'unicast://127.0.0.1' }, {}).resolved?.isOpen).toBe(false)
    const variables = { MESH_DISCOVERY: 'broadcast://10.0.255.255' }
    expect(resolveModule({}, variables).faults).toEqual([expect.stringMatching(/^MESH_DISCOVERY names an address beyond/)])
    expect(resolvePlugin({}, { MESH_DISCOVERY: 'broadcast://127.255.255.255' }).resolved?.isOpen).toBe(false)
  })

  it('opens a node by any one of its ways, unless it has a secret', () => {
    const discovery = ['broadcast://127.255.255.255', 'unicast://127.0.0.1,10.0.0.7']
    expect(resolveModule({ discovery }, {}).faults).toHaveLength(1)
    expect(resolveModule({ discovery, secret: 'sixteen characters' }, {}).faults).toEqual([])
    expect(resolveModule({ discovery, insecure: true }, {}).faults).toEqual([])
  })

  it('counts for a CoteTransport of a program', () => {
    set({ MESH_DISCOVERY: 'carrier-pigeon://coop' })
    expect(() => new CoteTransport()).toThrow('MESH_DISCOVERY has a URL of an unknown scheme, carrier-pigeon://')
    expect(() => new CoteTransport({ discovery: 'unicast://127.0.0.1' })).not.toThrow()
  })

  it('is refused under two names that differ', () => {
    const given = { discovery: 'unicast://127.0.0.1', cote: { discovery: 'unicast://127.0.0.2' } }
    expect(resolveModule(given, {}).faults).toEqual([expect.stringContaining("'cote.discovery' are two names of one")])
  })
})

describe('a way that is wrong', () => {
  it.each<[unknown, string]>([
    ['carrier-pigeon://coop', 'there are broadcast://, multicast://, unicast://'],
    ['10.0.255.255', 'has a text that is no URL; there are broadcast://'],
    ['', 'that is no URL'], [[], 'is an empty list'], [7, 'must be a URL'], [[undefined], 'must be a URL'],
    [{ url: 'broadcast://10.0.255.255' }, 'must be a URL'],
    ['broadcast://', 'must be followed by an address'], ['broadcast://10.0.255.255:12345', 'cote: { port }'],
    ['broadcast://10.0.255.255,10.1.255.255', 'takes one address'], ['broadcast://fd00::1', 'IPv6 has no broadcast'],
    ['broadcast://todos', 'the broadcast address of a network'], ['multicast://10.0.0.1', 'the address of a group'],
    ['unicast://10.0.0.7,,10.0.0.8', 'must be followed by an address'], ['unicast://a/b', 'must be followed by an address'],
    ['unicast://[10.0.0.7]', 'must be followed by an address'], ['unicast://[fd00::7]:80', 'cote: { port }']
  ])('is one fault that says what is right: %j', (discovery, part) => {
    const { faults } = resolveModule({ discovery: discovery as string }, {})
    expect(faults).toEqual([expect.stringMatching(/^option 'discovery' /)])
    expect(faults[0]).toContain(part)
  })

  it('is named by its variable', () => {
    const { faults } = resolveModule({}, { MESH_DISCOVERY: 'broadcast://127.255.255.255 nats://127.0.0.1' })
    expect(faults).toEqual([expect.stringMatching(/^MESH_DISCOVERY has a URL of an unknown scheme, nats:/)])
  })

  it('is a ConfigurationError that shows no password', () => {
    for (const url of ['foo://user:hunter2@host', 'unicast://user:hunter2@host', 'user:hunter2@host']) {
      const make = (): unknown => new CoteTransport({ discovery: url })
      expect(make).toThrow(ConfigurationError)
      expect(make).not.toThrow('hunter2')
    }
  })

  it('shows no part of a password that a space cuts in two', () => {
    for (const url of ['redis://:one hunter2@host', 'redis://:one hunter2:6379', 'redis://:one hunter2://x@host']) {
      const { faults } = resolveModule({}, { MESH_DISCOVERY: url })
      expect(faults.length).toBeGreaterThan(0)
      expect(faults.join()).not.toMatch(/hunter2|one hunter/)
    }
  })
})

describe('what the functions for places take', () => {
  it.each<[unknown, string]>([
    [undefined, 'takes a list'], [[], 'takes a list'], ['10.0.0.7:4100', 'takes a list'], [[5], 'takes a list'],
    [['10.0.0.7'], 'needs the port']
  ])('is a list for staticNodes(), and anything else a ConfigurationError: %j', (places, part) => {
    const make = (): unknown => Reflect.apply(staticNodes, undefined, [places])
    expect(make).toThrow(ConfigurationError)
    expect(make).toThrow(part)
  })

  it.each<[unknown, string]>([
    [undefined, 'takes a name'], ['todos:4100', 'takes a name'], [{}, 'takes a name'], [{ name: 5 }, 'takes a name'],
    [{ name: 'todos:4100', server: null }, 'takes a name'],
    [{ name: 'todos:4100', server: ['10.0.0.53'] }, 'takes a name'],
    [{ name: 'todos:4100', sever: '10.0.0.53' }, 'knows no option sever'], [{ name: 'todos' }, 'a name and a port']
  ])('are a name and a server for dns(), and anything else a ConfigurationError: %j', (options, part) => {
    const make = (): unknown => Reflect.apply(dns, undefined, [options])
    expect(make).toThrow(ConfigurationError)
    expect(make).toThrow(part)
  })
})

describe('the advertised address', () => {
  it.each(['0.0.0.0', '::', '[0:0::0]:4100', '0.0.0.0:4100', '239.1.2.3', '[ff12::1]:4100'])(
    'is one that leads to one node: %s does not', advertise => {
      expect(resolveModule({ advertise }, {}).faults).toEqual([expect.stringContaining('advertise must be')])
    })
})
