import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingHttpHeaders, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Forbidden, NotFound } from '@feathersjs/errors'
import express from '@feathersjs/express'
import { Router, errorHandler, json, notFound, original, rest, serveStatic, urlencoded } from '@feathersjs/express'
import { feathers } from '@feathersjs/feathers'
import socketio from '@feathersjs/socketio'
import type {} from '@feathersjs/transport-commons'
import { DistributedModule } from 'feathers-mesh'
import { isReplicaAction, isReplicaName } from './messages'
import type { ReplicaStatus, ToGateway } from './messages'
import { fail, stopWhenAsked, tellLauncher } from './process'

const port = Number(process.env.PORT ?? 3030)
// Seen from .build/samples/todos, where this file runs.
const pages = join(__dirname, '../../../samples/todos/public')

const web = original()
const app = express(feathers(), web)
let replicas: ReplicaStatus[] = []

// Any page in the user's browser can send requests to localhost; only our own may.
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

// The todos live in other processes. From here on `app.service('todos')` reaches them as if they were here.
// While no replica runs, a call waits this long for one.
DistributedModule.forRoot({ app, remotes: ['todos'], timeout: 5_000 })

const control = Router()
control.route('/').get((_req, res) => { res.json(replicas) })
control.route('/:name/:action').post((req, res, next) => {
  const { name, action } = req.params
  if (!isReplicaName(name) || !isReplicaAction(action)) return next(new NotFound(`Can't ${action} replica ${name}`))
  tellLauncher({ type: 'act', name, action })
  res.status(202).json({ name, action })
})
app.use('/replicas', control)
app.use(notFound())
// A client's mistakes are for the client; only our own are worth a line in the terminal.
app.use(errorHandler({ logger: { error: console.error, info: () => {} } }))

function isOurs ({ host = '', origin }: IncomingHttpHeaders): boolean {
  return /^(localhost|127\.0\.0\.1)(:\d+)?$/.test(host) && (origin === undefined || origin === `http://${host}`)
}

async function listen (server: Server): Promise<number> {
  server.listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    fail(`Port ${port} is in use. Choose another one, for example: PORT=${port + 1} npm start`)
  }
  return (server.address() as AddressInfo).port
}

async function start (): Promise<void> {
  const server = createServer(web)
  stopWhenAsked(async () => {
    // Clients leave first, so that none of them calls into a mesh that is stopping.
    await app.io?.close()
    await app.teardown()
  })
  process.on('message', (message: ToGateway) => {
    replicas = message.replicas
    app.io?.emit('replicas', replicas)
  })
  const url = `http://localhost:${await listen(server)}`
  await app.setup(server)
  tellLauncher({ type: 'ready', url })
}

start().catch(fail)
