import { broadcast, ConfigurationError, multicast, unicast, type Discovery } from 'feathers-mesh'
import { CoteMesh, SECRET } from '../../../security/mesh-of'
import { until } from '../../../until'

let mesh: CoteMesh

beforeEach(() => { mesh = new CoteMesh() })
afterEach(async () => await mesh.end())

describe('nodes of one machine', () => {
  it.each<[string, string | Discovery | string[]]>([
    ['by broadcast', broadcast('127.255.255.255')],
    ['by unicast, also when there are more than one', unicast(['127.0.0.1'])],
    ['by several ways', ['broadcast://127.255.255.255', 'unicast://127.0.0.1']]
  ])('find each other %s', async (_what, discovery) => {
    const options = { discovery, secret: SECRET }
    const nodes = [await mesh.host(options), await mesh.node(options), await mesh.node(options)]
    await until('all by all', () => nodes.every(node => node.nodes().length === 3))
    expect(await (await mesh.consumer(options)).find()).toEqual([])
  })
})

describe('a way that a function makes', () => {
  it('is refused when it is wrong', () => {
    expect(() => broadcast('todos')).toThrow(ConfigurationError)
    expect(() => broadcast('todos')).toThrow('broadcast() needs the broadcast address of a network')
    expect(() => multicast('10.0.0.1')).toThrow('multicast() needs the address of a group')
    expect(() => unicast([])).toThrow('unicast() must be followed by an address')
  })
})
