import { resolveModule } from '../../lib/options/resolve-module'
import { resolvePlugin } from '../../lib/options/resolve-plugin'
import type { CoteOptions } from '../../lib/transport/cote/cote-options'
import { resolveCoteOptions } from '../../lib/transport/cote/resolve-options'
import { setsVariables } from './environment-variables'

setsVariables()

const secret = 'sixteen characters'

const titleOf = (discovery: string): string[] => {
  return resolveCoteOptions({ discovery }, {}).resolved.discovery.ways.map(way => way.title(12345))
}

/** Where a node listens by its options. */
function listenOf (given: CoteOptions, variables: Readonly<Record<string, string>> = {}): unknown {
  return resolveCoteOptions(given, variables).resolved.listen
}

describe('a URL of places', () => {
  it.each<[string, string]>([
    ['static://10.0.0.7:4100', 'at 10.0.0.7:4100'],
    ['static://10.0.0.7:4100, todos.internal:4200/', 'at 10.0.0.7:4100, todos.internal:4200'],
    ['static://[fd00::7]:4100,localhost:1', 'at [fd00::7]:4100, localhost:1'],
    ['dns://todos.internal:4100', 'by the addresses of todos.internal in DNS, port 4100'],
    ['dns://todos.internal.:4100/', 'by the addresses of todos.internal. in DNS, port 4100'],
    ['dns://todos:4100?server=10.0.0.53', 'by the addresses of todos in DNS, port 4100, server 10.0.0.53:53'],
    ['dns://todos:4100/?server=[fd00::53]:5353', 'by the addresses of todos in DNS, port 4100, server [fd00::53]:5353'],
    ['dns+srv://_mesh._tcp.todos.internal', 'by the SRV records of _mesh._tcp.todos.internal in DNS']
  ])('is read: %s', (url, title) => {
    expect(titleOf(url)).toEqual([title])
    expect(resolveModule({ discovery: url, secret }, {}).faults).toEqual([])
  })

  it.each<[string, string]>([
    ['static://', 'must be followed by addresses or names'], ['static://a:1,,b:1', 'must be followed by addresses'],
    ['static://todos', 'needs the port of each node'], ['static://10.0.0.7', 'needs the port of each node'],
    ['static://fd00::7', 'needs the port of each node'], ['static://10.0.0.7:0', 'must be followed by addresses'],
    ['static://10.0.0.700:4100', 'must be followed by addresses'], ['static://[todos]:4100', 'must be followed by'],
    ['static://user:hunter2@todos:4100', 'must be followed by addresses'],
    ['dns://', 'must be followed by a name and a port'], ['dns://todos', 'must be followed by a name and a port'],
    ['dns://todos:70000', 'must be followed by a name and a port'], ['dns://a:1,b:1', 'must be followed by a name'],
    ['dns://10.0.0.7:4100', 'for addresses there is static://'], ['dns://todos:4100?server=dns', 'a query that is wrong'],
    ['dns://todos:4100?ttl=7', 'has a query that is wrong'], ['dns+srv://todos:4100', 'the name of SRV records'],
    ['dns+srv://_mesh._udp.todos', 'the name of SRV records']
  ])('is refused with one fault that says what is right: %s', (url, part) => {
    const given = resolveModule({ discovery: url, secret }, {})
    const inVariable = resolveModule({ secret }, { MESH_DISCOVERY: url })
    for (const { faults } of [given, inVariable]) {
      expect(faults).toEqual([expect.stringContaining(part)])
      expect(faults[0]).not.toContain('hunter2')
    }
  })

  it.each([
    'static://127.0.0.2:4100,10.0.0.7:4100', 'static://todos:4100', 'dns://todos:4100', 'dns+srv://_mesh._tcp.todos',
    'dns://localhost:4100?server=10.0.0.53'
  ])('opens a node, unless it has a secret: %s', url => {
    expect(resolveModule({ discovery: url }, {}).faults).toEqual([expect.stringMatching(/^option 'discovery' names/)])
    expect(resolveModule({ discovery: url, secret }, {}).faults).toEqual([])
    expect(resolveModule({ discovery: url, insecure: true }, {}).faults).toEqual([])
    expect(resolvePlugin({ discovery: url }, {}).resolved?.isOpen).toBe(true)
  })

  it.each([
    'static://127.0.0.2:4100,[::1]:4100,localhost:4100', 'dns://localhost:4100',
    'dns://localhost:4100?server=127.0.0.1:5353'
  ])('opens no node when it names this machine alone: %s', url => {
    expect(resolveModule({ discovery: url }, {}).faults).toEqual([])
    expect(resolvePlugin({ discovery: url }, {}).resolved?.isOpen).toBe(false)
  })
})

describe('the port of a name in DNS', () => {
  it('is the one that the node listens on, unless its options say another', () => {
    const discovery = 'dns://localhost:4100'
    expect(listenOf({ discovery })).toEqual({ host: '127.0.0.1', basePort: 4100, highestPort: 4100 })
    expect(listenOf({ discovery: ['broadcast://127.255.255.255', discovery], address: '127.0.0.2' }))
      .toEqual({ host: '127.0.0.2', basePort: 4100, highestPort: 4100 })
    expect(listenOf({ discovery, basePort: 4200, highestPort: 4300 }))
      .toEqual({ host: '127.0.0.1', basePort: 4200, highestPort: 4300 })
    expect(listenOf({ discovery }, { BASE_PORT: '4200', HIGHEST_PORT: '4300' }))
      .toEqual({ host: '127.0.0.1', basePort: 4200, highestPort: 4300 })
    expect(listenOf({ discovery: 'static://127.0.0.1:4100' })).toEqual({ host: '127.0.0.1' })
  })
})

describe('the option advertise', () => {
  it.each(['10.0.0.7', '10.0.0.7:4100', 'todos.internal', 'todos:4100', 'fd00::7', '[fd00::7]', '[fd00::7]:4100'])(
    'takes an address or a name, and perhaps a port: %s', advertise => {
      expect(resolveModule({ advertise }, {}).faults).toEqual([])
      expect(resolveCoteOptions({}, { MESH_ADVERTISE: advertise }).resolved.discovery.advertise).toBe(advertise)
      expect(resolvePlugin({ cote: { advertise } }, {}).faults).toEqual([])
    })

  it.each(['a b', ':4100', '10.0.0.7:0', 'http://todos', '10.0.0.700', 'x'.repeat(254)])('refuses "%s"', advertise => {
    const { faults } = resolveModule({ cote: { advertise } }, {})
    expect(faults).toEqual([expect.stringContaining('must be an address or a name, and perhaps a port')])
  })

  it('is refused under two names that differ, and goes before its variable', () => {
    const given = { advertise: '10.0.0.7', cote: { advertise: '10.0.0.8' } }
    expect(resolveModule(given, {}).faults).toEqual([expect.stringContaining("option 'cote.advertise' says")])
    const { resolved } = resolveCoteOptions({ advertise: '10.0.0.7' }, { MESH_ADVERTISE: '10.0.0.8' })
    expect(resolved.discovery.advertise).toBe('10.0.0.7')
  })
})
