import { randomBytes } from 'node:crypto'
import { AuthenticationService, JWTStrategy, authenticate } from '@feathersjs/authentication'
import { LocalStrategy, hooks } from '@feathersjs/authentication-local'
import { MethodNotAllowed } from '@feathersjs/errors'
import type { Application, HookContext, NextFunction } from '@feathersjs/feathers'
import { MemoryService } from '@feathersjs/memory'
import { jwtOptions } from '../jwt-options'

/** Users and tokens, as in any Feathers app without a mesh. */
export function configureAuthentication (app: Application): void {
  const authentication = new AuthenticationService(app, 'authentication', {
    // With a random secret, tokens become invalid when the gateway restarts.
    secret: process.env.AUTH_SECRET || randomBytes(32).toString('hex'),
    entity: 'user',
    service: 'users',
    authStrategies: ['jwt', 'local'],
    jwtOptions,
    local: { usernameField: 'email', passwordField: 'password' }
  })
  authentication.register('jwt', new JWTStrategy())
  authentication.register('local', new LocalStrategy())
  app.use('authentication', authentication)

  app.use('users', new MemoryService({ startId: 1 }), { methods: ['find', 'get', 'create'] })
  app.service('users').hooks({
    around: {
      all: [hooks.protect('password')],
      find: [authenticate('jwt')],
      get: [authenticate('jwt')],
      create: [byThisProcessOnly, hooks.hashPassword('password')]
    }
  })
  app.service('users').publish(() => [])
}

async function byThisProcessOnly ({ params }: HookContext, next: NextFunction): Promise<void> {
  if (params.provider) throw new MethodNotAllowed('Nobody can sign up in this sample')
  await next()
}
