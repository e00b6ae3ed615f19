/** A Koa gateway with REST. */
import type { AddressInfo } from 'node:net'
import { feathers } from '@feathersjs/feathers'
import { bodyParser, errorHandler, koa, rest } from '@feathersjs/koa'
import { DistributedModule } from 'feathers-mesh'
import { obey, stopOnSigterm, tell } from './obey'

const app = koa(feathers())
app.use(errorHandler())
app.use(bodyParser())
app.configure(rest())
app.on('service', ({ path }: { path: string }) => tell('service', path))

DistributedModule.forRoot({ app })

async function listen (): Promise<number> {
  const server = await app.listen(0, '127.0.0.1')
  return (server.address() as AddressInfo).port
}

stopOnSigterm(() => app.teardown())

obey({ listen })
