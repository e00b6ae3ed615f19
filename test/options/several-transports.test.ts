import { inspect } from 'node:util'
import { feathers } from '@feathersjs/feathers'
import { CoteTransport, DistributedModule, MemoryNetwork } from 'feathers-mesh'
import { nats } from 'feathers-mesh/nats'
import { resolveModule } from '../../lib/options/resolve-module'
import { resolvePlugin } from '../../lib/options/resolve-plugin'
import { NatsTransport } from '../../lib/transport/nats/nats-transport'
import { SeveralTransports } from '../../lib/transport/several/several-transports'
import { setsVariables } from './environment-variables'

setsVariables()

const PASSWORD = 'hunter2'
const URL = 'nats://127.0.0.1:4222'
const BEYOND = 'nats://nats.internal:4222'

describe('a list of transports', () => {
  it('is given by the option, or by MESH_TRANSPORT with spaces between them', () => {
    for (const { faults, resolved } of [
      resolveModule({ transport: ['cote', URL] }, {}),
      resolveModule({}, { MESH_TRANSPORT: ` cote  ${URL},127.0.0.1:4223 ` }),
      resolvePlugin({ transport: ['cote', nats(URL)] }, {}),
      resolveModule({ transport: [URL, new CoteTransport()] }, {})
    ]) {
      expect(faults).toEqual([])
      expect(resolved?.settings().transport).toBeInstanceOf(SeveralTransports)
    }
    const { resolved } = resolveModule({ transport: [URL] }, { MESH_TRANSPORT: 'cote' })
    expect(resolved?.settings().transport).toBeInstanceOf(NatsTransport)
  })

  it.each<[unknown, string]>([
    [[], 'is an empty list'], [['cote', 'cote'], "names 'cote' twice"], [[URL, URL], `names '${URL}' twice`],
    [['cote', 'quic'], "names an unknown transport 'quic'"], [['cote', 7], 'must be a transport'],
    [Array(9).fill('cote'), 'names 9 transports'], [`cote ${URL}`, 'is a text with spaces']
  ])('is refused: %j', (transport, fault) => {
    const { faults } = resolveModule({ transport: transport as 'cote' }, {})
    expect(faults).toEqual([expect.stringContaining(fault)])
  })

  it('is as open as the most open of them, and a fault names that one', () => {
    const open = resolveModule({ transport: ['cote', BEYOND], cote: { broadcast: '127.255.255.255' } }, {})
    expect(open.faults).toEqual([expect.stringContaining("option 'transport' names an address beyond this machine")])
    const secret = 'a secret of more than sixteen characters'
    expect(resolveModule({ transport: ['cote', BEYOND], secret }, {}).faults).toEqual([])
  })

  it('warns of options for cote only where none of them is cote', () => {
    const cote = { broadcast: '127.255.255.255' }
    const warningsOf = (transport: readonly (`nats://${string}` | 'cote')[]): unknown =>
      resolveModule({ transport, cote }, {}).resolved?.warnings
    expect(warningsOf(['cote', URL])).toEqual([])
    expect(warningsOf([URL, 'nats://127.0.0.1:4223'])).toEqual([expect.stringContaining("'cote' is for cote: it is ignored")])
  })

  it('shows no password', () => {
    const app = feathers()
    DistributedModule.forRoot({ app, transport: ['cote', `nats://user:${PASSWORD}@127.0.0.1`], insecure: true })
    expect(inspect(app, { depth: 9 })).not.toContain(PASSWORD)
    const twice = `nats://user:${PASSWORD}@127.0.0.1` as const
    expect(resolveModule({ transport: [twice, twice] }, {}).faults.join()).not.toContain(PASSWORD)
  })

  it('takes transports of your own, with options for those that are made here', () => {
    const own = new MemoryNetwork().transport()
    const secret = 'a secret of more than sixteen characters'
    expect(resolveModule({ transport: ['cote', own], secret }, {}).faults).toEqual([])
    const others = [own, new MemoryNetwork().transport()]
    const { faults } = resolveModule({ transport: others, secret }, {})
    expect(faults).toEqual([expect.stringContaining("option 'secret' is for")])
  })
})
