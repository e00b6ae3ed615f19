import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from '@feathersjs/express'
import {
  errorHandler as expressErrors, json, notFound, raw, rest as expressRest, urlencoded
} from '@feathersjs/express'
import { feathers, type Application } from '@feathersjs/feathers'
import { bodyParser, errorHandler as koaErrors, koa, rest as koaRest } from '@feathersjs/koa'
import socketio from '@feathersjs/socketio'
import { DistributedModule } from 'feathers-mesh'
import { io, type Socket } from 'socket.io-client'
import { defineMessages, definePeople } from './people'
import { defineGuarded, defineJobs, defineNotes, defineValues } from './replies'

export type Framework = 'express' | 'koa'

/** How the services are spread over nodes. */
export type Spread = 'one app' | 'a gateway and a host' | 'a gateway and two hosts'

/** Something that clients talk to. */
export interface Site {
  readonly url: string
  readonly socket: Socket
  close (): Promise<void>
}

type Define = (app: Application) => void

const others: Define = app => {
  for (const define of [defineMessages, defineJobs, defineGuarded, defineValues, defineNotes]) define(app)
}

/** The services of each host, and the paths that it needs of others. */
const HOSTS: Record<Exclude<Spread, 'one app'>, Array<readonly [define: Define, remotes: readonly string[]]>> = {
  'a gateway and a host': [[app => { definePeople(app); others(app) }, []]],
  'a gateway and two hosts': [[definePeople, []], [others, ['people']]]
}

const PATHS = ['people', 'messages', 'threads', 'boards', 'jobs', 'guarded', 'rooms/:roomId/seats', 'values', 'notes']

/** Opens the services to clients, by one app or by a gateway to others. */
export async function open (framework: Framework, spread: Spread): Promise<Site> {
  const app = framework === 'express' ? expressApp() : koaApp()
  app.configure(socketio())
  app.on('connection', connection => app.channel('all').join(connection))
  app.publish(() => app.channel('all'))
  const meshes = spread === 'one app' ? [] : await startMesh(app, spread)
  if (spread === 'one app') {
    definePeople(app)
    others(app)
  }
  if (framework === 'express') {
    // Express alone knows handlers.
    const handlers = app as unknown as { use (handler: unknown): void }
    handlers.use(notFound())
    handlers.use(expressErrors({ logger: { error: () => {}, info: () => {} } }))
  }
  // Each framework's own type has it.
  const { listen } = app as unknown as { listen (port: number, host: string): Promise<Server> }
  const server = await listen.call(app, 0, '127.0.0.1')
  if (!server.listening) await once(server, 'listening')
  for (const mesh of meshes) await mesh.start()
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const socket = io(url, { transports: ['websocket'], reconnection: false })
  await new Promise<void>((resolve, reject) => { socket.once('connect', resolve).once('connect_error', reject) })
  return {
    url,
    socket,
    async close () {
      socket.disconnect()
      for (const mesh of [...meshes].reverse()) await mesh.stop()
      // Express closes its server itself, which waits for all connections.
      server.closeAllConnections()
      await app.teardown()
      if (server.listening) await new Promise(resolve => server.close(resolve))
    }
  }
}

async function startMesh (app: Application, spread: Exclude<Spread, 'one app'>): Promise<DistributedModule[]> {
  const cote = { broadcast: '127.255.255.255', environment: randomUUID() }
  const meshes: DistributedModule[] = []
  for (const [index, [define, remotes]] of HOSTS[spread].entries()) {
    const host = feathers()
    const mesh = DistributedModule.forRoot({ app: host, key: `host ${index}`, cote, remotes })
    define(host)
    await mesh.start()
    meshes.push(mesh)
  }
  // The gateway says which headers of its clients its hosts may see.
  const headers = ['authorization', 'x-asked']
  meshes.push(DistributedModule.forRoot({ app, key: 'gateway', cote, remotes: PATHS, headers }))
  return meshes
}

function expressApp (): Application {
  const app = express(feathers())
  app.use(json())
  app.use(urlencoded({ extended: true }))
  app.use(raw({ type: 'application/octet-stream' }))
  app.configure(expressRest())
  return app
}

function koaApp (): Application {
  const app = koa(feathers())
  app.use(koaErrors())
  app.use(bodyParser())
  app.configure(koaRest())
  return app
}
