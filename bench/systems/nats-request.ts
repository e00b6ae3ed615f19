/** The client of NATS alone, with `request()` and JSON: what every framework on NATS could be as fast as. */
import { natsUrl } from '../nats-server'
import type { Host, Place, System, Todo, Todos } from './system'

interface Message {
  readonly json: () => unknown
  readonly respond: (payload: string) => void
}

interface Connection {
  publish (subject: string, payload: string): void
  request (subject: string, payload: string, options: { timeout: number }): Promise<Message>
  subscribe (subject: string, options: { callback: (error: unknown, message: Message) => void }): void
  flush (): Promise<void>
}

const TIMEOUT_MS = 10_000

async function connection (): Promise<Connection> {
  // The package says more than is needed here.
  const { connect } = await import('@nats-io/transport-node') as unknown as {
    connect (options: object): Promise<Connection>
  }
  return await connect({ servers: natsUrl() })
}

export const natsRequest: System = {
  async host ({ name }: Place, todos: Todos): Promise<Host> {
    const nats = await connection()
    nats.subscribe(`${name}.get`, {
      callback: (_error, message) => {
        void todos.get(String(message.json())).then(todo => message.respond(JSON.stringify(todo)))
      }
    })
    nats.subscribe(`${name}.create`, {
      callback: (_error, message) => {
        // The caller of this file sends nothing else.
        void todos.create(message.json() as { id: string }).then(todo => message.respond(JSON.stringify(todo)))
      }
    })
    await nats.flush()
    return { emit: todo => nats.publish(`${name}.done`, JSON.stringify(todo)) }
  },

  async connect ({ name }: Place): Promise<Todos> {
    const nats = await connection()
    const call = async (method: string, data: unknown): Promise<unknown> => {
      const reply = await nats.request(`${name}.${method}`, JSON.stringify(data), { timeout: TIMEOUT_MS })
      return reply.json()
    }
    return { get: async id => await call('get', id), create: async data => await call('create', data) }
  },

  async subscribe ({ name }: Place, heard: (todo: Todo) => void): Promise<void> {
    const nats = await connection()
    // The host of this file sends nothing else.
    nats.subscribe(`${name}.done`, { callback: (_error, message) => heard(message.json() as Todo) })
    await nats.flush()
  }
}
