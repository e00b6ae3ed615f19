import { inspect } from 'node:util'
import { feathers } from '@feathersjs/feathers'
import distribution, { ConfigurationError, CoteTransport, DistributedModule } from 'feathers-mesh'
import { redis, type RedisOptions } from 'feathers-mesh/redis'
import { resolveModule } from '../../lib/options/resolve-module'
import { resolvePlugin } from '../../lib/options/resolve-plugin'
import type { CoteOptions } from '../../lib/transport/cote/cote-options'
import { readRedisOptions } from '../../lib/transport/cote/discovery/ways/redis-place'
import { RedisWay } from '../../lib/transport/cote/discovery/ways/redis-way'
import { redisVariables } from '../../lib/transport/cote/redis-variables'
import { resolveCoteOptions } from '../../lib/transport/cote/resolve-options'
import { setsVariables } from './environment-variables'

setsVariables()

const PASSWORD = 'hunter2'

/** What ioredis gets for a description of a server. */
const optionsOf = (given: unknown): unknown => readRedisOptions(given).place?.options

/** What ioredis gets for variables. */
function optionsIn (variables: Readonly<Record<string, string>>): unknown {
  const given = redisVariables.read(variables, { parse: text => text })
  return given === undefined ? undefined : optionsOf(given)
}

function titles (given: CoteOptions, variables: Readonly<Record<string, string>> = {}): string[] {
  return resolveCoteOptions(given, variables).resolved.discovery.ways.map(way => way.title(12345))
}

describe('a URL of Redis', () => {
  it.each<[string, object]>([
    ['redis://redis.internal', { host: 'redis.internal', port: 6379 }],
    ['redis://10.0.0.7:6390/', { host: '10.0.0.7', port: 6390 }],
    ['redis://[fd00::7]:6390/3', { host: 'fd00::7', port: 6390, db: 3 }],
    ['redis://:pass%2Fword@host', { host: 'host', port: 6379, password: 'pass/word' }],
    ['redis://user:pa:ss@w?o#rd@host', { host: 'host', port: 6379, username: 'user', password: 'pa:ss@w?o#rd' }],
    ['redis://:100%@host', { host: 'host', port: 6379, password: '100%' }],
    ['rediss://host', { host: 'host', port: 6379, tls: {} }],
    ['redis://host?family=6&db=2', { host: 'host', port: 6379, db: 2, family: 6 }],
    ['redis://host/3?db=2', { host: 'host', port: 6379, db: 3 }]
  ])('says all that cote leaves out: %s', (url, options) => {
    expect(optionsOf(url)).toEqual(options)
    expect(resolveModule({ discovery: url, insecure: true }, {}).faults).toEqual([])
  })

  it.each<[string, string]>([
    ['redis://', 'must be followed by a host'], ['redis://host:0', 'must be followed by a host'],
    ['redis://host:70000', 'must be followed by a host'], ['redis://host/todos', 'must be followed by a host'],
    [`redis://user:${PASSWORD}@`, 'must be followed by a host'], [`redis://${PASSWORD}@host`, 'has a user and no password'],
    [`redis://host?password=${PASSWORD}`, 'has a query'], ['redis://host?db=one', 'has a query'],
    [`redis://:${PASSWORD}@host?tls=1`, 'has a query'], [`redis://:${PASSWORD}@one:1,two:2`, 'several servers'],
    [`redis-sentinel://:${PASSWORD}@host`, 'Sentinel'], ['redis+cluster://host', 'Cluster']
  ])('is refused with one fault that shows no password: %s', (url, part) => {
    const faults = [
      resolveModule({ discovery: url }, {}).faults, resolveModule({}, { MESH_DISCOVERY: url }).faults,
      resolveModule({ cote: { redis: { url } } }, {}).faults,
      resolvePlugin({}, { COTE_DISCOVERY_REDIS_URL: url }).faults
    ]
    expect(faults.map(each => each.length)).toEqual([1, 1, 1, 1])
    for (const [fault] of faults) {
      expect(fault).toContain(part)
      expect(fault).not.toContain(PASSWORD)
    }
  })

  it('opens a node, unless its server is on this machine', () => {
    expect(resolveModule({ discovery: 'redis://localhost' }, {}).faults).toEqual([])
    expect(resolveModule({ discovery: 'redis://redis' }, {}).faults).toEqual([expect.stringMatching(/^option 'discovery' names/)])
    expect(resolveModule({ cote: { redis: { host: '10.0.0.7' } } }, {}).faults)
      .toEqual([expect.stringMatching(/^option 'cote.redis' names/)])
    expect(resolveModule({}, { COTE_DISCOVERY_REDIS_HOST: 'redis' }).faults)
      .toEqual([expect.stringMatching(/^COTE_DISCOVERY_REDIS_… names/)])
    const secret = 'sixteen characters'
    expect(resolveModule({ secret, discovery: 'redis://redis' }, {}).faults).toEqual([])
    expect(resolvePlugin({ discovery: 'redis://redis' }, {}).resolved?.isOpen).toBe(true)
    expect(resolvePlugin({ discovery: 'redis://127.0.0.1' }, {}).resolved?.isOpen).toBe(false)
  })
})

describe('the option cote.redis', () => {
  it('takes what cote takes, and its URL counts first', () => {
    const server = { host: 'redis', port: 6390, password: PASSWORD }
    expect(optionsOf(server)).toEqual(server)
    expect(optionsOf({ url: 'redis://redis:6390', host: 'other', password: PASSWORD, connectTimeout: 7 }))
      .toEqual({ ...server, connectTimeout: 7 })
    expect(optionsOf(true)).toEqual({ host: 'localhost', port: 6379 })
    expect(optionsOf({ password: 12345 })).toEqual({ host: 'localhost', port: 6379, password: '12345' })
    const tls = { ca: 'ca' }
    expect(optionsOf({ url: 'rediss://redis', tls })).toEqual({ host: 'redis', port: 6379, tls })
  })

  it('is looked at behind unicast, and before multicast and broadcast', () => {
    const redis = { host: '127.0.0.1' }
    const others = { multicast: '239.1.2.3', broadcast: '127.255.255.255' }
    expect(titles({ redis, ...others })).toEqual(['through Redis at 127.0.0.1:6379'])
    expect(titles({ redis, unicast: '127.0.0.1' })).toEqual(['by unicast to 127.0.0.1, UDP port 12345'])
    expect(titles({ redis, discovery: 'unicast://127.0.0.1' })).toHaveLength(1)
  })

  it.each<[unknown, string]>([
    [{ sentinels: [] }, 'Sentinel'], [{ port: 'x' }, 'a port that is none'], [{ host: 7 }, 'a host that is no text'],
    [{ url: 'http://host' }, 'neither of redis:// nor of rediss://'], [7, 'must be an object'], [{ tls: 'yes' }, 'has tls'],
    [{ password: { toString: () => PASSWORD } }, 'a password that is neither'], [{ username: [] }, 'has a username'],
    [{ tls: { host: '10.0.0.7' } }, 'has tls.host'], [{ tls: { socket: {} } }, 'has tls.socket'],
    [{ url: 'rediss://localhost', tls: { path: '/tmp/x' } }, 'has tls.path'], [{ path: '/tmp/x' }, 'has path'],
    [{ Connector: class {} }, 'has Connector']
  ])('is refused when it is %j', (given, part) => {
    const { faults } = resolveModule({ cote: { redis: given as RedisOptions } }, {})
    expect(faults).toEqual([expect.stringContaining(part)])
    expect(faults[0]).toMatch(/^option 'cote.redis' /)
  })
})

describe("cote's variables for Redis", () => {
  it.each<[Record<string, string>, unknown]>([
    [{}, undefined], [{ COTE_DISCOVERY_REDIS: 'false' }, undefined], [{ COTE_DISCOVERY_REDIS_HOST: '' }, undefined],
    [{ COTE_DISCOVERY_REDIS: 'true' }, { host: 'localhost', port: 6379 }],
    [{ COTE_DISCOVERY_REDIS_URL: 'redis://redis' }, { host: 'redis', port: 6379 }],
    [{ COTE_DISCOVERY_REDIS_URL: `rediss://user:${PASSWORD}@redis:6390/2` },
      { host: 'redis', port: 6390, username: 'user', password: PASSWORD, db: 2, tls: {} }],
    [{ COTE_DISCOVERY_REDIS_HOST: 'redis', COTE_DISCOVERY_REDIS_PORT: '6390', COTE_DISCOVERY_REDIS_PASSWORD: PASSWORD },
      { host: 'redis', port: 6390, password: PASSWORD }],
    [{ COTE_DISCOVERY_REDIS_CONNECT_TIMEOUT: '700', COTE_DISCOVERY_REDIS_TLS: 'true' },
      { host: 'localhost', port: 6379, connectTimeout: 700, tls: {} }]
  ])('say what they say: %j', (variables, options) => {
    expect(optionsIn(variables)).toEqual(options)
  })

  it('are not even read where something counts before them', () => {
    const wrong = { COTE_DISCOVERY_REDIS_URL: 'http://host' }
    for (const given of [{ discovery: 'unicast://127.0.0.1' }, { cote: { broadcast: '127.255.255.255' } }]) {
      expect(resolveModule(given, wrong).faults).toEqual([])
    }
    expect(resolveModule({}, { ...wrong, MESH_DISCOVERY: 'unicast://127.0.0.1' }).faults).toEqual([])
    expect(resolveModule({}, { ...wrong, COTE_MULTICAST_ADDRESS: '239.1.2.3' }).faults).not.toEqual([])
  })

  it('count behind options of cote, and before its other variables', () => {
    const variables = { COTE_DISCOVERY_REDIS_HOST: '127.0.0.1', COTE_MULTICAST_ADDRESS: '239.1.2.3' }
    expect(titles({}, variables)).toEqual(['through Redis at 127.0.0.1:6379'])
    expect(titles({ broadcast: '127.0.0.255' }, variables)).toEqual(['by broadcast to 127.0.0.255, UDP port 12345'])
  })
})

describe('redis() of feathers-mesh/redis', () => {
  it('is a way for discovery', () => {
    const discovery = redis({ url: 'rediss://localhost', tls: { ca: 'ca' } })
    expect(titles({ discovery })).toEqual(['through Redis at localhost:6379'])
    expect(titles({ discovery: [redis(), 'unicast://127.0.0.1'] })).toHaveLength(2)
    expect(() => redis({ port: -1 })).toThrow(ConfigurationError)
  })
})

describe('Redis without ioredis', () => {
  it('is one fault with the line that installs it', () => {
    const place = { host: '127.0.0.1', port: 1, options: {} }
    const missing = new RedisWay(place, () => { throw new Error("Cannot find module 'ioredis'") })
    const make = (): unknown => DistributedModule.forRoot({ discovery: missing })
    expect(make).toThrow(ConfigurationError)
    expect(make).toThrow("option 'discovery' needs ioredis, which can't be loaded (Cannot find module 'ioredis')")
    expect(make).toThrow('npm install ioredis')
    const other = new RedisWay(place, () => ({}))
    expect(() => DistributedModule.forRoot({ discovery: other })).toThrow('npm install ioredis')
  })
})

describe('the password of a Redis server', () => {
  it('is not among the options that an app shows', () => {
    jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const discovery = `redis://:${PASSWORD}@127.0.0.1`
    const redis = { password: PASSWORD }
    const all = [{ discovery }, { discovery: [discovery] }, { cote: { discovery } }, { cote: { redis } }]
    for (const options of all) {
      const app = feathers().configure(distribution({ ...options, coteDelay: -1 }))
      const shown = inspect(Reflect.get(app, 'distributionOptions'), { depth: 9 })
      expect(shown).toContain('(hidden)')
      expect(shown).not.toContain(PASSWORD)
    }
    expect(inspect(new CoteTransport({ redis }), { depth: 9, showHidden: true })).not.toContain(PASSWORD)
    jest.restoreAllMocks()
  })
})
