import { createServer } from 'node:http'
import { AuthenticationService } from '@feathersjs/authentication'
import type { AuthenticationStrategy } from '@feathersjs/authentication'
import express, { errorHandler, json, notFound, original, rest, urlencoded } from '@feathersjs/express'
import { feathers } from '@feathersjs/feathers'
import socketio from '@feathersjs/socketio'
import { DistributedModule } from 'feathers-mesh'
import type { Class } from 'feathers-mesh'
import { container } from 'tsyringe'
import type { DependencyContainer } from 'tsyringe'
import { disconnectClients } from '../disconnect-clients'
import { jwtOptions } from '../jwt-options'
import { listen } from '../listen'
import { onlySignedInHearEvents } from '../only-signed-in'
import { setting, stopInOrder, tellReady } from '../process'
import { requireUser } from './require-user'

export interface NodeOptions {
  service: Class
  /** The path of the other node's service. */
  remote: string
  /** Registers what the service needs. */
  register?: (container: DependencyContainer) => void
  /** How clients can sign in, by name of the strategy. */
  strategies: Record<string, AuthenticationStrategy>
}

/** Makes a node with REST and socket.io clients, whose tokens are valid on all nodes. */
export function makeNode ({ service, remote, register, strategies }: NodeOptions): { start (): Promise<void> } {
  const web = original()
  const app = express(feathers(), web)
  app.use(json())
  app.use(urlencoded({ extended: true }))
  app.configure(rest())
  app.configure(socketio())

  const authentication = new AuthenticationService(app, 'authentication', {
    secret: setting('AUTH_SECRET'),
    entity: 'user',
    entityId: 'id',
    service: 'users',
    authStrategies: Object.keys(strategies),
    jwtOptions,
    local: { usernameField: 'email', passwordField: 'password' }
  })
  for (const [name, strategy] of Object.entries(strategies)) authentication.register(name, strategy)
  // Each node has its own; `services` below does not offer it to other nodes.
  app.use('authentication', authentication)
  app.hooks({ around: { all: [requireUser] } })
  app.configure(onlySignedInHearEvents)

  const needs = container.createChildContainer()
  register?.(needs)
  app.hooks({ teardown: [disconnectClients] })
  const mesh = DistributedModule.forRoot({ app, container: needs, services: [service], remotes: [remote] })
  app.use(notFound())
  app.use(errorHandler({ logger: { error: console.error, info: () => {} } }))

  return {
    async start () {
      const server = createServer(web)
      stopInOrder(mesh)
      const url = await listen(server)
      // The mesh comes first, and with it the users: authentication looks for them when the app is set up.
      await mesh.start()
      await app.setup(server)
      tellReady(url)
    }
  }
}
