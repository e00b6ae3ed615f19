import { AuthenticationService } from '@feathersjs/authentication'
import { hooks, LocalStrategy } from '@feathersjs/authentication-local'
import { Forbidden } from '@feathersjs/errors'
import { feathers, type HookContext } from '@feathersjs/feathers'
import { MemoryService } from '@feathersjs/memory'
import { DistributedModule } from 'feathers-mesh'
import { obey } from '../obey'

interface User {
  readonly id: number
  readonly email: string
  readonly password?: string
}

/** Users and messages of an app as Feathers' generator makes one, without the part that has outside clients. */
const app = feathers()
app.use('users', new MemoryService({ multi: false }))
app.use('messages', new MemoryService({ paginate: { default: 10, max: 50 } }))

// Passwords are hashed where they are kept, which is how its strategy says; nobody signs in here.
const authentication = new AuthenticationService(app, 'authentication', {
  secret: 'signs nothing', entity: 'user', service: 'users', authStrategies: ['local'],
  local: { usernameField: 'email', passwordField: 'password' }
})
authentication.register('local', new LocalStrategy())
app.use('authentication', authentication)

/** As resolvers for outside clients do it. */
function hidePassword (context: HookContext): void {
  const shown = ({ password: _, ...user }: User): object => user
  const { result } = context as { result: User | User[] }
  context.dispatch = Array.isArray(result) ? result.map(shown) : shown(result)
}

app.service('users').hooks({
  before: { create: [hooks.hashPassword('password')], patch: [hooks.hashPassword('password')] },
  after: { all: [hidePassword] }
})

app.service('messages').hooks({
  before: {
    create: [context => {
      const { user } = context.params as { user?: User }
      if (user === undefined) throw new Forbidden('only users write messages')
      context.data = { ...context.data as object, userId: user.id }
    }]
  }
})

const mesh = DistributedModule.forRoot({ app, services: ['users', 'messages'] })

obey({ start: async () => { await mesh.start() } })
