import type { HookContext, Id, NullableId, Params } from '@feathersjs/feathers'

export interface User {
  readonly id: number
  readonly name: string
  readonly password?: string
}

/** Keeps users, many at a time as well, and has an event of its own. */
export class UsersService {
  private users: User[] = []
  private lastId = 0
  /** Feathers' mixin adds it. */
  declare emit: (event: string, ...args: unknown[]) => void

  async find (_params: Params): Promise<User[]> { return this.users }

  async get (id: Id, _params: Params): Promise<User> {
    const [user] = this.those(id)
    if (user === undefined) throw new Error(`no user ${id}`)
    return user
  }

  async create (data: object | object[], _params: Params): Promise<User | User[]> {
    const make = (one: object): User => ({ id: ++this.lastId, ...one } as User)
    const made = Array.isArray(data) ? data.map(make) : make(data)
    this.users = this.users.concat(made)
    return made
  }

  async update (id: Id, data: object, _params: Params): Promise<User> { return this.change(id, data) as User }

  async patch (id: NullableId, data: object, _params: Params): Promise<User | User[]> { return this.change(id, data) }

  async remove (id: NullableId, _params: Params): Promise<User | User[]> {
    const gone = this.those(id)
    this.users = this.users.filter(user => !gone.includes(user))
    return id === null ? gone : gone[0]
  }

  private those (id: NullableId): User[] {
    return id === null ? this.users : this.users.filter(user => user.id === Number(id))
  }

  private change (id: NullableId, data: object): User | User[] {
    const changed = this.those(id).map(user => ({ ...user, ...data }))
    this.users = this.users.map(user => changed.find(each => each.id === user.id) ?? user)
    return id === null ? changed : changed[0]
  }
}

const withoutPassword = ({ password: _, ...shown }: User): Omit<User, 'password'> => shown

/** What outside clients may see, as hooks say it: by hand here, by resolvers in other apps. */
export function hidePasswords (context: HookContext): void {
  const { result } = context as { result: User | User[] }
  context.dispatch = Array.isArray(result) ? result.map(withoutPassword) : withoutPassword(result)
}
