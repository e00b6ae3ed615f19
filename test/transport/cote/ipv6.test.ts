import { feathers } from '@feathersjs/feathers'
import { DistributedModule, type CoteOptions, type DistributedModuleOptions } from 'feathers-mesh'
import { placeOf } from '../../../lib/transport/cote/addresses'
import { resolveOptions } from '../../../lib/transport/cote/resolve-options'
import { rejection, until } from '../../until'

const onIPv6 = { cote: { address: '::1' } }
const closed = { ...onIPv6, secret: 'a secret of the mesh' }

interface Where { get (id: string): Promise<{ id: string, address: string }> }

describe('nodes that listen on ::1', () => {
  const nodes: DistributedModule[] = []

  afterEach(async () => { await Promise.all(nodes.splice(0).map(async node => await node.stop())) })

  /** A node whose service returns the address of its caller. */
  async function start (name: string, options: DistributedModuleOptions): Promise<DistributedModule> {
    const app = feathers()
    app.use(name, {
      get: async (id: string, params?: { caller?: { address: string } }) => ({ id, address: params?.caller?.address })
    })
    const environment = `ipv6-${process.pid}`
    const node = DistributedModule.forRoot({ app, ...options, cote: { environment, ...options.cote } })
    nodes.push(node)
    await node.start()
    return node
  }

  it.each<[string, DistributedModuleOptions, DistributedModuleOptions]>([
    ['with equal options', onIPv6, onIPv6],
    ['with a secret', closed, closed],
    ['with another spelling of the address', { cote: { address: '0:0:0:0:0:0:0:1' } }, onIPv6],
    ['beside a node on 127.0.0.1', onIPv6, {}],
    [
      'with hellos sent to ::1',
      { cote: { address: '::1', unicast: '::1' } }, { cote: { address: '::1', unicast: ['::1'] } }
    ]
  ])('find each other and call each other %s', async (_how, one, other) => {
    const first = await start('one', one)
    const second = await start('other', other)
    const call = async (node: DistributedModule, path: string): Promise<unknown> =>
      await node.remote<Where>(path).with({ timeout: 5_000 }).get('x')
    expect(await call(second, 'one')).toEqual({ id: 'x', address: '::1' })
    expect(await call(first, 'other')).toEqual({ id: 'x', address: other.cote === undefined ? '127.0.0.1' : '::1' })
    await second.stop()
    await until('it is gone', () => first.nodes().length === 1)
  })

  it('fail to start with the reason when the machine lacks the address', async () => {
    const cote = { address: '192.0.2.77', broadcast: '192.0.2.255' }
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const elsewhere = DistributedModule.forRoot({ insecure: true, cote })
    warned.mockRestore()
    const error = await rejection(elsewhere.start())
    expect(error).toMatchObject({ name: 'ConfigurationError' })
    expect(error.message).toContain("this machine has no address '192.0.2.77' (EADDRNOTAVAIL)")
  })
})

describe('an IPv6 address', () => {
  it.each<[CoteOptions, string]>([
    [{ address: 'fd00::1', broadcast: '192.0.2.255' }, "unicast: ['fd00::2']"],
    [{ address: '::1', broadcast: '192.0.2.255' }, "unicast: ['fd00::2']"],
    [{ address: 'fd00::1', multicast: '239.1.2.3' }, "multicast: 'ff12::6d65'"],
    [{ address: 'fd00::1', multicast: 'ff12::1' }, "give '::', or leave it out"],
    [{ address: '192.0.2.1', multicast: 'ff12::1' }, "give '::', or leave it out"],
    [{ broadcast: 'ff02::1' }, 'IPv6 has no broadcast'],
    [{ multicast: 'fd00::1' }, 'the address of a group']
  ])('is refused with a remedy when peers could not find the node by it, as in %j', (cote, remedy) => {
    expect(() => DistributedModule.forRoot({ insecure: true, cote })).toThrow(remedy)
  })

  it.each<[CoteOptions]>([
    [{ multicast: 'ff12::6d65' }], [{ multicast: 'ff02::6d65%eth0', address: '::' }],
    [{ unicast: ['fd00::2', '192.0.2.1'], address: 'fd00::1' }], [{ broadcast: '192.0.2.255', address: '::' }]
  ])('is accepted in %j', cote => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    expect(DistributedModule.forRoot({ insecure: true, cote })).toBeDefined()
    warned.mockRestore()
  })

  it.each(['::1', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1', '::FFFF:127.8.9.1', '127.255.0.1'])(
    'needs no secret when it belongs to this machine, like %s', address => {
      expect(resolveOptions({ address, broadcast: '127.255.255.255' }).staysOnThisMachine).toBe(true)
    })

  it('is written in brackets before a port', () => {
    expect([placeOf('::1', 80), placeOf('127.0.0.1', 80), placeOf('host', 80)])
      .toEqual(['[::1]:80', '127.0.0.1:80', 'host:80'])
  })
})
