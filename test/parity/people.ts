import type { Application, FeathersService, HookContext } from '@feathersjs/feathers'
import { memory } from '@feathersjs/memory'
import { hooks, resolve } from '@feathersjs/schema'
import type {} from '@feathersjs/transport-commons'

/** People with a password that no client sees, hidden the way that Feathers' generator does it. */
export function definePeople (app: Application): void {
  app.use('people', memory({ multi: true, paginate: { default: 2, max: 4 }, startId: 1 }))
  app.service('people').hooks({
    around: {
      all: [
        hooks.resolveExternal(resolve<Record<string, unknown>, HookContext>({
          password: async () => undefined,
          name: async name => String(name).toUpperCase()
        })),
        hooks.resolveResult(resolve<Record<string, unknown>, HookContext>({}))
      ]
    },
    before: {
      create: [async ({ data }) => {
        for (const each of [data].flat()) (each as { password: string }).password = 'SECRET'
      }]
    }
  })
}

interface Message {
  id: number
  author: number
  text: string
}

/** Messages with their people in them, of which these hide what the others hide. */
export function defineMessages (app: Application): void {
  const people = (): FeathersService => app.service('people')
  app.use('messages', {
    async get (id: number) { return { id, author: 1, text: `message ${id}`, draft: 'SECRET' } },
    async find () { return [1, 2].map(id => ({ id, author: id, text: `message ${id}`, draft: 'SECRET' })) },
    async create (data: object) { return { id: 7, author: 1, draft: 'SECRET', ...data } }
  })
  app.service('messages').hooks({
    around: {
      all: [
        hooks.resolveExternal(resolve<Message, HookContext>({ draft: async () => undefined } as object)),
        hooks.resolveResult(resolve<Message, HookContext>({
          person: async (_value: unknown, message: Message) => await people().get(message.author),
          readers: async () => (await people().find({ query: { $limit: 2 } })).data,
          page: async () => await people().find({ query: { $limit: 1 } }),
          pinned: async () => [[await people().get(1)], [await people().get(2)]]
        } as object))
      ]
    }
  })
  // These have nobody of their own to hide: what is embedded is sent as it is, unless an outer service hides it.
  app.use('threads', { async get (id: number) { return { id, last: await app.service('messages').get(id) } } })
  app.use('boards', { async get (id: number) { return { id, messages: await app.service('messages').find() } } })
  app.service('boards').hooks({ around: { all: [
    hooks.resolveExternal(resolve({}), resolve({ id: async id => -Number(id) }))
  ] } })
}
