import type { DistributedModule, DistributedModuleOptions } from 'feathers-mesh'
import { OwnHellos } from '../../../lib/transport/cote/discovery/own-hellos'
import type { CoteMesh } from '../../security/mesh-of'

/** A node whose hellos say that it speaks another version of the mesh. */
export async function hostOfVersion (
  mesh: CoteMesh, version: number, options: DistributedModuleOptions = {}
): Promise<DistributedModule> {
  const { advertise } = OwnHellos.prototype
  const spy = jest.spyOn(OwnHellos.prototype, 'advertise').mockImplementation(
    async function (this: OwnHellos, iid, advertisement) {
      await advertise.call(this, iid, { ...advertisement, mesh: { version, revision: 0 } })
    }
  )
  const host = await mesh.host(options)
  spy.mockRestore()
  return host
}
