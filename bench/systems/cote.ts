/** cote as it comes. */
import { once, type EventEmitter } from 'node:events'
import { loadPeer } from '../peers'
import { BROADCAST, type Host, type Place, type System, type Todo, type Todos } from './system'

interface Cote {
  readonly Responder: new (advertisement: object, options: object) => {
    on (type: string, respond: (request: { readonly id: string }) => Promise<unknown>): void
  }
  readonly Requester: new (advertisement: object, options: object) => EventEmitter & {
    send (request: object): Promise<unknown>
  }
  readonly Publisher: new (advertisement: object, options: object) => { publish (topic: string, data: object): void }
  readonly Subscriber: new (advertisement: object, options: object) => {
    on (topic: string, heard: (data: Todo) => void): void
  }
}

const optionsOf = ({ port, name }: Place): object =>
  ({ port, broadcast: BROADCAST, environment: name, log: false, statusLogsEnabled: false })

const load = async (): Promise<Cote> => (await loadPeer<{ default: Cote }>('cote')).default

export const plainCote: System = {
  async host (place: Place, todos: Todos): Promise<Host> {
    const { Responder, Publisher } = await load()
    const responder = new Responder({ name: 'todos', key: 'todos' }, optionsOf(place))
    responder.on('get', async ({ id }) => await todos.get(id))
    responder.on('create', async ({ id }) => await todos.create({ id }))
    const advertised = { name: 'todo events', key: 'todos', broadcasts: ['done'] }
    const publisher = new Publisher(advertised, optionsOf(place))
    return { emit: todo => publisher.publish('done', todo) }
  },

  async connect (place: Place): Promise<Todos> {
    const { Requester } = await load()
    const requester = new Requester({ name: 'todos caller', key: 'todos' }, optionsOf(place))
    if (!place.defaults) await once(requester, 'cote:added')
    return {
      get: async id => await requester.send({ type: 'get', id }),
      create: async ({ id }) => await requester.send({ type: 'create', id })
    }
  },

  async subscribe (place: Place, heard: (todo: Todo) => void): Promise<void> {
    const { Subscriber } = await load()
    const advertised = { name: 'todo listener', key: 'todos', subscribesTo: ['done'] }
    const subscriber = new Subscriber(advertised, optionsOf(place))
    subscriber.on('done', heard)
  }
}
