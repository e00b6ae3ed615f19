import { inspect } from 'node:util'
import { feathers } from '@feathersjs/feathers'
import distribution, { ConfigurationError, CoteTransport, DistributedModule } from 'feathers-mesh'
import { nats } from 'feathers-mesh/nats'
import { resolveModule } from '../../lib/options/resolve-module'
import { resolvePlugin } from '../../lib/options/resolve-plugin'
import { NatsBroker } from '../../lib/transport/nats/nats-broker'
import { NatsTransport } from '../../lib/transport/nats/nats-transport'
import { readServers } from '../../lib/transport/nats/options/nats-servers'
import { setsVariables } from './environment-variables'

setsVariables()

const PASSWORD = 'hunter2'
const URL = 'nats://127.0.0.1:4222'

describe('the option transport', () => {
  it('takes the URL of NATS servers, nats(), or MESH_TRANSPORT, and the option counts first', () => {
    const all = [
      resolveModule({ transport: URL }, {}), resolveModule({ transport: nats() }, {}),
      resolveModule({}, { MESH_TRANSPORT: URL }), resolveModule({ transport: URL }, { MESH_TRANSPORT: 'cote' }),
      resolvePlugin({ transport: URL }, {}), resolvePlugin({}, { MESH_TRANSPORT: URL })
    ]
    for (const { faults, resolved } of all) {
      expect(faults).toEqual([])
      expect(resolved?.settings().transport).toBeInstanceOf(NatsTransport)
    }
    const { resolved } = resolveModule({ transport: 'cote' }, { MESH_TRANSPORT: URL })
    expect(resolved?.settings().transport).toBeInstanceOf(CoteTransport)
  })

  it.each([
    `nats://user:${PASSWORD}@`, `nats://user:${PASSWORD}@host:0`, `nats://user:${PASSWORD}@host:70000`,
    `nats://user:${PASSWORD}@host/path`, `nats://user:${PASSWORD}@a:1,http://user:${PASSWORD}@b`
  ])('is refused with one fault that shows no password: %s', url => {
    const both = [resolveModule({ transport: url as 'cote' }, {}), resolveModule({}, { MESH_TRANSPORT: url })]
    for (const { faults } of both) {
      expect(faults).toHaveLength(1)
      expect(faults[0]).not.toContain(PASSWORD)
    }
  })

  it('needs a secret, or credentials and TLS, or insecure, for a server beyond this machine', () => {
    const beyond = 'nats://nats.internal:4222'
    const fault = [expect.stringContaining("option 'transport' names an address beyond this machine")]
    for (const transport of [beyond, `nats://user:${PASSWORD}@nats.internal`, 'tls://nats.internal'] as const) {
      expect(resolveModule({ transport }, {}).faults).toEqual(fault)
      expect(resolveModule({ transport, insecure: true }, {}).faults).toEqual([])
    }
    const { faults } = resolveModule({}, { MESH_TRANSPORT: beyond })
    expect(faults).toEqual([expect.stringContaining('MESH_TRANSPORT names')])
    const closed = [
      `tls://user:${PASSWORD}@nats.internal` as const, nats({ servers: beyond, creds: '/mesh.creds', tls: true }),
      nats({ servers: 'tls://nats.internal', nkey: 'SU…' })
    ]
    for (const transport of closed) expect(resolveModule({ transport }, {})).toMatchObject({ faults: [] })
    const secret = 'a secret of the tests'
    expect(resolveModule({ transport: beyond, secret }, {}).faults).toEqual([])
    expect(resolveModule({ transport: beyond, secret: 'short' }, {}).faults).toHaveLength(1)
    const { faults: ofTls } = resolveModule({ transport: URL, tls: { ca: '', cert: '', key: '' } }, {})
    expect(ofTls.join()).toContain("option 'tls' is for connections")
  })

  it('warns once of options that are for cote', () => {
    const { resolved } = resolveModule({ cote: { port: 12346 }, listen: '127.0.0.1' }, { MESH_TRANSPORT: URL })
    const warning = "MESH_TRANSPORT chooses NATS, and 'cote', 'listen' are for cote: they are ignored"
    expect(resolved?.warnings).toEqual([warning])
  })
})

describe('the servers of NATS', () => {
  it('are those of one URL, or of a list', () => {
    const places = ['a:4222', '[::1]:4223']
    for (const given of ['nats://a,[::1]:4223', 'nats://a:4222,nats://[::1]:4223', ['a', 'nats://[::1]:4223/']]) {
      expect(readServers(given).servers).toMatchObject({ places, hosts: ['a', '::1'], isTls: false })
    }
    expect(readServers('tls://a').servers).toMatchObject({ isTls: true })
    expect(readServers('nats://us%2Fer:pa:ss@a').servers?.credentials).toEqual({ user: 'us/er', pass: 'pa:ss' })
    expect(readServers('nats://to%20ken@a').servers?.credentials).toEqual({ token: 'to ken' })
  })
})

describe('nats() of feathers-mesh/nats', () => {
  it.each<[object, string]>([
    [{ servers: 7 }, "option 'servers' is wrong"], [{ servers: [] }, "option 'servers' is wrong"],
    [{ prefix: 'a b' }, "option 'prefix' is wrong"], [{ prefix: 'a..b' }, "option 'prefix' is wrong"],
    [{ prefix: '>' }, "option 'prefix' is wrong"],
    [{ server: URL }, "unknown option 'server'; did you mean 'servers'?"],
    [{ user: 'a', token: 'b' }, 'has several of user, token, nkey and creds'],
    [{ servers: 'nats://user:pass@a', creds: 'c' }, 'has several of user, token, nkey and creds'],
    [{ pass: PASSWORD }, 'has a password without a user'], [{ creds: 7 }, 'has creds that is no text'],
    [{ tls: 'yes' }, "option 'tls' is wrong"]
  ])('refuses what is wrong: %j', (options, fault) => {
    const make = (): unknown => nats(options)
    expect(make).toThrow(ConfigurationError)
    expect(make).toThrow(fault)
  })
})

describe('NATS without its client', () => {
  it('is one fault with the line that installs it', () => {
    const fail = (): never => { throw new Error("Cannot find module '@nats-io/transport-node'") }
    const missing = NatsBroker.read('nats()', URL, fail)
    const other = NatsBroker.read('nats()', URL, () => ({}))
    for (const transport of [missing, other]) {
      const make = (): unknown => DistributedModule.forRoot({ transport: transport as NatsBroker })
      expect(make).toThrow(ConfigurationError)
      expect(make).toThrow('the NATS transport needs @nats-io/transport-node')
      expect(make).toThrow('npm install @nats-io/transport-node')
    }
  })
})

describe('a password for NATS', () => {
  it('is shown nowhere', () => {
    const url = `nats://user:${PASSWORD}@127.0.0.1` as const
    for (const transport of [url, nats(url), nats({ user: 'user', pass: PASSWORD })]) {
      const app = feathers().configure(distribution({ transport, coteDelay: -1 }))
      const shown = inspect(Reflect.get(app, 'distributionOptions'), { depth: 9, showHidden: true })
      if (transport === url) expect(shown).toContain('(hidden)')
      expect(shown).not.toContain(PASSWORD)
      expect(inspect(transport === url ? '' : transport, { depth: 9, showHidden: true })).not.toContain(PASSWORD)
      const secret = `${PASSWORD} of a mesh`
      const made = resolveModule({ transport, secret }, {}).resolved?.settings().transport
      expect(inspect(made, { depth: 9, showHidden: true })).not.toContain(PASSWORD)
    }
  })
})
