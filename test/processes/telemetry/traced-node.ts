/** One node of a traced mesh, by its ROLE: a gateway, service A, which calls B, service B, or a listener of B. */
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { propagation, context } from '@opentelemetry/api'
import express from '@feathersjs/express'
import type { Request, Response } from 'express'
import { errorHandler, json, rest } from '@feathersjs/express'
import { feathers } from '@feathersjs/feathers'
import { DistributedModule } from 'feathers-mesh'
import { obey, stopOnSigterm } from '../obey'
import { endedSpans, measured, registerSdk } from './collector'

interface Notes { create (data: object): Promise<object> }

registerSdk()
const { ROLE: role = '', BAGGAGE: allowed } = process.env
const app = express(feathers())
app.use(json())
app.configure(rest())
const mesh = DistributedModule.forRoot({
  app, name: role, key: role, telemetry: allowed === undefined ? true : { baggage: true, clientBaggage: true }
})

// What a browser opens, to send requests of a page.
app.use('/page', (_req: Request, res: Response) => { res.type('html').send('<!doctype html><title>a page</title>') })

let heard = 0
if (role === 'a') {
  app.use('orders', {
    create: async (data: object) => await mesh.remote<Notes>('notes').create(data),
    get: async (id: string) => { throw Object.assign(new Error(`no ${id}`), { name: 'NotFound' }) }
  })
} else if (role === 'b') {
  app.use('notes', {
    create: async (data: object) => {
      const baggage = propagation.getBaggage(context.active())
      return { ...data, baggage: baggage?.getEntry('user')?.value }
    }
  })
} else if (role === 'listener') {
  mesh.remote<Notes>('notes').on('created', () => { heard++ })
}
app.use(errorHandler({ logger: { error: () => {}, info: () => {} } }))

async function listen (): Promise<number> {
  const server: Server = await app.listen(0, '127.0.0.1')
  return (server.address() as AddressInfo).port
}

stopOnSigterm(() => app.teardown())

obey({ listen, spans: () => endedSpans(), measured, heard: () => heard, services: () => mesh.services() })
