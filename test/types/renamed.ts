/* Calls of one method in all the ways that there are to it; the language service must find each. Nothing here runs. */
import { feathers } from '@feathersjs/feathers'
import { Distributed, DistributedMethod, DistributedModule } from 'feathers-mesh'
import type { RemoteMethods, RemoteService } from 'feathers-mesh'

@Distributed('orders')
export class Orders {
  @DistributedMethod({ data: Object })
  async complete (data: { id: number }): Promise<number> { return data.id }

  /** No promise here, one over the mesh. */
  @DistributedMethod({ data: Object })
  recount (data: { id: number }): number { return data.id }
}

declare const remote: RemoteService<Orders>
declare const mesh: DistributedModule
const app = feathers<{ orders: RemoteMethods<Orders> }>()

export async function callsOfTheMethod (): Promise<void> {
  await remote.complete({ id: 1 })
  await remote.with({ timeout: 500 }).complete({ id: 1 })
  await mesh.remote(Orders).complete({ id: 1 })
  await mesh.remote<Orders>('orders').complete({ id: 1 })
  await app.service('orders').complete({ id: 1 })
  await remote.recount({ id: 1 })
  await app.service('orders').recount({ id: 1 })
}
