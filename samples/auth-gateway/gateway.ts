import { createServer } from 'node:http'
import { authenticate } from '@feathersjs/authentication'
import express, { errorHandler, json, notFound, original, rest, urlencoded } from '@feathersjs/express'
import { feathers } from '@feathersjs/feathers'
import type { HookContext, NextFunction } from '@feathersjs/feathers'
import socketio from '@feathersjs/socketio'
import { DistributedModule } from 'feathers-mesh'
import { disconnectClients } from '../disconnect-clients'
import { listen } from '../listen'
import { onlySignedInHearEvents } from '../only-signed-in'
import { people } from '../people'
import { fail, stopInOrder, tellReady } from '../process'
import { configureAuthentication } from './authentication'

const web = original()
const app = express(feathers(), web)
app.use(json())
app.use(urlencoded({ extended: true }))
app.configure(rest())
app.configure(socketio())
app.configure(configureAuthentication)
app.configure(onlySignedInHearEvents)

app.hooks({ teardown: [disconnectClients] })
const mesh = DistributedModule.forRoot({
  app,
  // Users, with their password hashes, and tokens stay here: this node offers nothing to the mesh.
  services: [],
  remotes: ['notes'],
  // They run for every service of another node, whether found now or later.
  hooks: { around: { all: [authenticate('jwt'), tellWhoCalls] } }
})

app.use(notFound())
app.use(errorHandler({ logger: { error: console.error, info: () => {} } }))

/** Passes the calling user on to services. The token is as powerful as a password, so it stays here. */
async function tellWhoCalls (context: HookContext, next: NextFunction): Promise<void> {
  const { query, user } = context.params
  context.params = { query, user: user && { id: user.id, email: user.email } }
  await next()
}

async function start (): Promise<void> {
  for (const person of people) await app.service('users').create(person)
  const server = createServer(web)
  stopInOrder(mesh)
  const url = await listen(server)
  await app.setup(server)
  tellReady(url)
}

start().catch(fail)
