/** An Express gateway with REST and socket.io: it starts without any service and with a not-found handler. */
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from '@feathersjs/express'
import { errorHandler, json, notFound, rest, urlencoded } from '@feathersjs/express'
import { feathers } from '@feathersjs/feathers'
import socketio from '@feathersjs/socketio'
import type {} from '@feathersjs/transport-commons'
import { DistributedModule } from 'feathers-mesh'
import { obey, stopOnSigterm, tell } from './obey'

const app = express(feathers())
app.use(json())
app.use(urlencoded({ extended: true }))
app.configure(rest())
app.configure(socketio())
app.on('connection', connection => app.channel('everybody').join(connection))
app.publish(() => app.channel('everybody'))
app.on('service', ({ path }: { path: string }) => tell('service', path))

const mesh = DistributedModule.forRoot({ app })
app.use(notFound())
app.use(errorHandler({ logger: { error: () => {}, info: () => {} } }))

async function listen (): Promise<number> {
  const server: Server = await app.listen(0, '127.0.0.1')
  return (server.address() as AddressInfo).port
}

stopOnSigterm(() => app.teardown())

obey({ listen, services: () => mesh.services() })
