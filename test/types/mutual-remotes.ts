/* Services that hold public remotes of each other, and of themselves. All of it compiles; nothing here runs. */
import { feathers } from '@feathersjs/feathers'
import type { Application, Params } from '@feathersjs/feathers'
import { Distributed, DistributedEvent, DistributedMethod, InjectRemote } from 'feathers-mesh'
import type { RemoteMethods, RemoteService, ServiceEvent } from 'feathers-mesh'

@Distributed('orders')
export class Orders {
  @DistributedEvent() readonly shipped!: ServiceEvent<number>
  readonly self!: RemoteService<Orders>
  readonly others!: { users: RemoteService<Users>, bills: Array<RemoteService<Bills>> }
  readonly later?: Promise<RemoteService<Users>>
  readonly app!: Application<{ orders: RemoteMethods<Orders>, users: RemoteMethods<Users> }>

  constructor (
    @InjectRemote('users') readonly users: RemoteService<Users>,
    @InjectRemote('bills') readonly bills: RemoteService<Bills> | undefined
  ) {
    users.on('created', name => name.length).on('told', text => text.length)
    this.self.on('shipped', id => id.toFixed())
  }

  // The types of these results are known to the compiler alone, and come from the other class.
  @DistributedMethod()
  async get (id: number, _params?: Params) {
    return (await this.users.get(id)) + (await this.self.find()).length
  }

  @DistributedMethod()
  async find () {
    return [1]
  }

  remoteOfUsers (): RemoteService<Users> {
    return this.users
  }

  amount () {
    return this.users.amount()
  }
}

@Distributed('users')
export class Users {
  @DistributedEvent() readonly told!: ServiceEvent<string>

  constructor (readonly orders: RemoteService<Orders>, readonly bills: RemoteService<Bills>) {
    orders.on('shipped', id => id.toFixed())
  }

  @DistributedMethod()
  async get (id: number, _params?: Params): Promise<number> {
    return id
  }

  @DistributedMethod({ data: Object })
  async create (data: { id: number }) {
    const all = await this.orders.find()
    return [all[0].toFixed() + String(data.id)]
  }

  async amount () {
    return (await this.bills.get('a')).amount
  }
}

@Distributed('bills')
export class Bills {
  constructor (
    readonly orders: RemoteService<Orders>, readonly users: RemoteService<Users>, readonly bills: RemoteService<Bills>
  ) {
    users.with({ timeout: 500 }).on('told', text => text.length)
  }

  @DistributedMethod()
  async get (id: string): Promise<{ amount: number }> {
    return { amount: await this.orders.get(id.length) }
  }
}

declare function is<Expected> (): <Actual extends Expected>(value: Actual) => void

export async function callsKeepTheirTypes (orders: RemoteService<Orders>): Promise<void> {
  is<number>()(await orders.get(1))
  is<number>()(await orders.amount())
  is<'get' | 'find' | 'remoteOfUsers' | 'amount'>()({} as keyof RemoteMethods<Orders>)
  const app = feathers<{ orders: RemoteMethods<Orders>, users: RemoteMethods<Users> }>()
  is<number>()(await app.service('orders').amount())
  is<string>()((await app.service('users').create({ id: 1 }))[0])
}
