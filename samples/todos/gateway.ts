import { createServer } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import { join } from 'node:path'
import { Forbidden, NotFound, NotImplemented } from '@feathersjs/errors'
import express from '@feathersjs/express'
import { Router, errorHandler, json, notFound, original, rest, serveStatic, urlencoded } from '@feathersjs/express'
import { feathers } from '@feathersjs/feathers'
import socketio from '@feathersjs/socketio'
import type {} from '@feathersjs/transport-commons'
import { DistributedModule } from 'feathers-mesh'
import { disconnectClients } from '../disconnect-clients'
import { listen } from '../listen'
import { fail, hasLauncher, stopInOrder, tellLauncher, tellReady } from '../process'
import { meshOptions } from './mesh-options'
import { isReplicaAction, isReplicaName } from './messages'
import type { Act, ReplicaStatus, ToGateway } from './messages'

// Relative to .build/samples/todos, where this file runs.
const pages = join(__dirname, '../../../samples/todos/public')

const web = original()
const app = express(feathers(), web)
// Without a launcher the gateway does not know the state of the replicas, and the page can't stop or start them.
let replicas: ReplicaStatus[] | null = hasLauncher() ? [] : null

// Any page in the user's browser can send requests to localhost. Accept only those of our own page.
app.use((req, _res, next) => {
  next(isOurs(req.headers) ? undefined : new Forbidden('Only its own page may call this sample'))
})
app.use(json())
app.use(urlencoded({ extended: true }))
app.use(serveStatic(pages))
app.configure(rest())
app.configure(socketio({ allowRequest: (req, decide) => decide(null, isOurs(req.headers)) }, io => {
  io.on('connection', socket => socket.emit('replicas', replicas))
}))
app.on('connection', connection => app.channel('everybody').join(connection))
app.publish(() => app.channel('everybody'))

// Clients are disconnected first, so that none of them calls while the mesh stops.
app.hooks({ teardown: [disconnectClients] })
// The todos are in other processes. From here on, `app.service('todos')` calls them as if they were local.
// While no replica runs, a call waits up to `timeout` milliseconds for one.
// Prometheus reads `/metrics`. `npx feathers-mesh` asks all nodes, which answer on a mesh of one machine by default.
const mesh = DistributedModule.forRoot({
  ...meshOptions, app, name: 'gateway', remotes: ['todos'], metricsPath: '/metrics', timeout: 5_000
})

const control = Router()
control.use((_req, _res, next) => {
  next(hasLauncher() ? undefined : new NotImplemented('There is no launcher here that could stop or start a replica'))
})
control.route('/').get((_req, res) => { res.json(replicas) })
control.route('/:name/:action').post((req, res, next) => {
  const { name, action } = req.params
  if (!isReplicaName(name) || !isReplicaAction(action)) return next(new NotFound(`Can't ${action} replica ${name}`))
  tellLauncher<Act>({ type: 'act', name, action })
  res.status(202).json({ name, action })
})
app.use('/replicas', control)
app.use(notFound())
// Log only errors of the server. Clients get their own errors as responses.
app.use(errorHandler({ logger: { error: console.error, info: () => {} } }))

function isOurs ({ host = '', origin }: IncomingHttpHeaders): boolean {
  return /^(localhost|127\.0\.0\.1)(:\d+)?$/.test(host) && (origin === undefined || origin === `http://${host}`)
}

async function start (): Promise<void> {
  const server = createServer(web)
  stopInOrder(mesh)
  process.on('message', (message: ToGateway) => {
    replicas = message.replicas
    app.io?.emit('replicas', replicas)
  })
  const url = await listen(server)
  await app.setup(server)
  tellReady(url)
}

start().catch(fail)
