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
  /** The notes of this user. */
  notes: Note[]
  /** The number of notes of all users. */
  total: number
}

@Distributed('users')
export class UserService {
  constructor (
    @inject(ACCOUNTS) private readonly accounts: Account[],
    @InjectRemote('notes') private readonly notes: RemoteService<NoteService>
  ) {}

  /** Used on this node to check passwords. It is not decorated, so neither clients nor other nodes can call it. */
  async find (params: Params): Promise<Account[]> {
    return this.accounts.filter(({ email }) => email === params.query?.email)
  }

  /** Used by every node to find the user of a token. */
  @DistributedMethod()
  async get (id: Id, _params?: CallerParams): Promise<User> {
    const found = this.accounts.find(account => account.id === Number(id))
    if (!found) throw new NotFound(`There is no user ${id}`)
    return { id: found.id, email: found.email }
  }

  @DistributedMethod({ data: Object })
  async profile (_data: object, { user, authentication }: CallerParams): Promise<Profile> {
    const [notes, { total }] = await Promise.all([
      // On behalf of the user, with the user's token.
      this.notes.mine({}, { authentication }),
      // On behalf of this node.
      this.notes.count({})
    ])
    return { user, notes, total }
  }
}
