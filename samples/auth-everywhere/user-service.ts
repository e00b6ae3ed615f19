import { NotFound } from '@feathersjs/errors'
import type { Id, Params } from '@feathersjs/feathers'
import { Distributed, DistributedMethod, InjectRemote } from 'feathers-mesh'
import type { RemoteService } from 'feathers-mesh'
import { inject } from 'tsyringe'
import type { CallerParams, User } from './caller'
import type { Note, NoteService } from './note-service'

/** The token under which the node registers its accounts. */
export const ACCOUNTS = Symbol('accounts')

export interface Account extends User { password: string }

export interface Profile {
  user?: User
  /** The user's own. */
  notes: Note[]
  /** How many there are of all users. */
  total: number
}

@Distributed('users')
export class UserService {
  constructor (
    @inject(ACCOUNTS) private readonly accounts: Account[],
    @InjectRemote('notes') private readonly notes: RemoteService<NoteService>
  ) {}

  /** How a password is checked on this node. It is not decorated: no client and no other node can call it. */
  async find (params: Params): Promise<Account[]> {
    return this.accounts.filter(({ email }) => email === params.query?.email)
  }

  /** How every node finds out whose token it was given. */
  @DistributedMethod()
  async get (id: Id, _params?: CallerParams): Promise<User> {
    const found = this.accounts.find(account => account.id === Number(id))
    if (!found) throw new NotFound(`There is no user ${id}`)
    return { id: found.id, email: found.email }
  }

  @DistributedMethod({ data: Object })
  async profile (_data: object, { user, authentication }: CallerParams): Promise<Profile> {
    const [notes, { total }] = await Promise.all([
      // On behalf of the user, whose token goes along.
      this.notes.mine({}, { authentication }),
      // On this node's own behalf.
      this.notes.count({})
    ])
    return { user, notes, total }
  }
}
