import type { AddressInfo } from 'node:net'
import express, { json, rest } from '@feathersjs/express'
import { feathers, type HookContext } from '@feathersjs/feathers'
import socketio from '@feathersjs/socketio'
import type { Plugin } from './plugin-node'
import { obey } from '../obey'
import { hidePasswords, UsersService } from './users-service'

/** A host of users, or a gateway to them with socket.io clients, with the plugin of any package. */
interface UsersNodeSettings {
  readonly key: string
  readonly isHost?: boolean
  readonly options: object
}

const { key, isHost = false, options } = JSON.parse(process.env.NODE_SETTINGS ?? '{}') as UsersNodeSettings
const app = express(feathers())

/** What a test asks of a service. */
interface Asked {
  readonly path: string
  readonly method: string
  readonly args: readonly unknown[]
}

async function start (): Promise<void> {
  const plugin = await import(process.env.PLUGIN ?? '') as Plugin
  app.use(json())
  app.configure(rest())
  app.configure(socketio())
  app.configure(plugin.default({ key, ...isHost ? { remoteServices: () => false } : {}, ...options }))
  // All that a client may see, it is shown: what must stay hidden is not up to channels.
  app.on('connection', connection => app.channel('everybody').join(connection as object))
  app.publish(() => app.channel('everybody'))
  if (!isHost) return
  const methods = ['find', 'get', 'create', 'update', 'patch', 'remove']
  for (const path of ['users', 'secretive']) app.use(path, new UsersService(), { methods, events: ['archived'] })
  const archive = async (context: HookContext, next: () => Promise<void>): Promise<void> => {
    await next()
    if (context.method === 'remove') app.service(context.path).emit('archived', context.result, context)
  }
  app.service('users').hooks({ around: { all: [archive] } })
  // The last word on what is shown, before its event is emitted and after the service is through.
  app.service('secretive').hooks({ around: { all: [archive] }, after: { all: [hidePasswords] } })
}

async function listen (): Promise<number> {
  const server = await app.listen(0, '127.0.0.1')
  return (server.address() as AddressInfo).port
}

obey({
  start,
  listen,
  remotes: () => Object.fromEntries(Object.keys(app.services as object)
    .filter(path => Reflect.get(app.service(path), 'remote') === true).map(path => [path, []])),
  call: async ({ path, method, args }: Asked) => {
    const service = app.service(path) as unknown as Record<string, (...args: readonly unknown[]) => Promise<unknown>>
    return await service[method](...args)
  },
  emit: ({ path, event, payload }: { path: string, event: string, payload: unknown }) => {
    app.service(path).emit(event, payload)
  }
})
