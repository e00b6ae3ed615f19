/** Moleculer over its TCP transporter, or over NATS. */
import { loadPeer } from '../peers'
import { natsUrl } from '../nats-server'
import { BROADCAST, type Host, type Place, type System, type Todo, type Todos } from './system'

interface Broker {
  readonly registry: unknown
  createService (schema: object): void
  start (): Promise<void>
  waitForServices (names: string): Promise<unknown>
  call (action: string, params: object): Promise<unknown>
  broadcast (event: string, payload: object): void
}

export interface Moleculer {
  readonly ServiceBroker: new (options: object) => Broker
}

interface Settings {
  /** Whether calls that fail are sent again; off by default. */
  readonly retries: boolean
  /** Whether brokers meet on the nats-server of the run. */
  readonly isOnNats?: boolean
}

interface Context<T> {
  readonly params: T
}

async function makeBroker ({ port, name }: Place, { retries, isOnNats }: Settings): Promise<Broker> {
  const { ServiceBroker } = await loadPeer<Moleculer>('moleculer')
  return new ServiceBroker({
    namespace: name,
    nodeID: `${name}-${process.pid}-${process.hrtime.bigint()}`,
    logger: false,
    transporter: isOnNats === true ? natsTransporter() : tcpTransporter(port),
    ...(retries ? { retryPolicy: { enabled: true } } : {})
  })
}

/** Looks for others on this machine alone. */
export function tcpTransporter (udpPort: number): object {
  // Results of 1 MB are longer than what it takes by default.
  const options = { udpPort, udpMulticast: null, udpBroadcast: BROADCAST, maxPacketSize: 16 * 1024 * 1024 }
  return { type: 'TCP', options }
}

function natsTransporter (): object {
  return { type: 'NATS', options: { servers: [natsUrl()] } }
}

export function moleculer (settings: Settings): System {
  return {
    async host (place: Place, todos: Todos): Promise<Host> {
      const broker = await makeBroker(place, settings)
      broker.createService({
        name: 'todos',
        actions: {
          get: async ({ params }: Context<{ id: string }>) => await todos.get(params.id),
          create: async ({ params }: Context<{ id: string }>) => await todos.create(params)
        }
      })
      await broker.start()
      return { emit: todo => broker.broadcast('todos.done', todo) }
    },

    async connect (place: Place): Promise<Todos> {
      const broker = await makeBroker(place, settings)
      await broker.start()
      await broker.waitForServices('todos')
      return {
        get: async id => await broker.call('todos.get', { id }),
        create: async data => await broker.call('todos.create', data)
      }
    },

    async subscribe (place: Place, heard: (todo: Todo) => void): Promise<void> {
      const broker = await makeBroker(place, settings)
      // It gives a context to a function whose parameter has this name, and the payload to any other.
      broker.createService({ name: 'listener', events: { 'todos.done': (ctx: Context<Todo>) => heard(ctx.params) } })
      await broker.start()
    }
  }
}
