import { feathers } from '@feathersjs/feathers'
import distribution, { ConfigurationError, CoteTransport, DistributedModule, MemoryNetwork } from 'feathers-mesh'
import { resolveModule } from '../../lib/options/resolve-module'
import { CoteMesh, SECRET } from '../security/mesh-of'
import { setsVariables } from './environment-variables'

const set = setsVariables()
const own = () => new MemoryNetwork().transport()

describe('the option transport', () => {
  it("accepts 'cote', which is the default", () => {
    expect(resolveModule({ transport: 'cote' }, {}).resolved?.settings().transport).toBeInstanceOf(CoteTransport)
    expect(resolveModule({}, {}).resolved?.settings().transport).toBeInstanceOf(CoteTransport)
  })

  it.each([
    ['cot', "; did you mean 'cote'?"], ['Cote', "; did you mean 'cote'?"], ['nats', '; there are: cote, nats://…'],
    ['http://127.0.0.1', '; there are: cote, nats://…'], ['', '; there are: cote, nats://…']
  ])('refuses an unknown name like %j with a list of all names', (transport, advice) => {
    const fault = `option 'transport' names an unknown transport '${transport}'${advice}`
    expect(() => DistributedModule.forRoot({ transport: transport as 'cote' })).toThrow(fault)
    expect(() => feathers().configure(distribution({ transport: transport as 'cote' }))).toThrow(fault)
  })

  it.each([
    ['environment', 'staging'], ['listen', '127.0.0.1'], ['secret', 'sixteen characters'], ['tls', () => undefined]
  ])('refuses %s beside a given transport, which would not use it', (name, value) => {
    const make = (): unknown => DistributedModule.forRoot({ transport: own(), [name]: value })
    expect(make).toThrow(ConfigurationError)
    expect(make).toThrow(`option '${name}' is for the transport that is made here; give it to your own`)
  })

  it('leaves a given transport unchanged, whatever variables say', () => {
    const environment = {
      MESH_SECRET: 'short', MESH_SECRET_FILE: '/nowhere', MESH_LISTEN: '0.0.0.0:1', COTE_MULTICAST_ADDRESS: '239.1.2.3'
    }
    const transport = own()
    const { resolved, faults } = resolveModule({ transport }, environment)
    expect(faults).toEqual([])
    expect(resolved?.isOpen).toBe(false)
    expect(resolved?.settings().transport).toBe(transport)
  })

  it('is created with the secret of the option or of MESH_SECRET', async () => {
    const mesh = new CoteMesh()
    try {
      await mesh.host({ transport: 'cote', secret: SECRET })
      set({ MESH_SECRET: SECRET })
      const todos = await mesh.consumer({ transport: 'cote' })
      expect(await todos.create({ title: 'Buy milk' })).toMatchObject({ title: 'Buy milk' })
    } finally {
      await mesh.end()
    }
  })
})
