/** @kalisio/feathers-distributed, which brings the Feathers and Express that it is used with. */
import { once, type EventEmitter } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { loadPeer } from '../peers'
import { countingHooks } from './counting-hooks'
import { BROADCAST, type Host, type Place, type System, type Todo, type Todos } from './system'

interface App extends EventEmitter {
  readonly services: object
  use (path: string, service: object): void
  configure (plugin: (app: App) => void): void
  service (path: string): EventEmitter & Todos & { hooks (hooks: object): void }
}

interface Plugin {
  readonly default: (options: object) => (app: App) => void
}

interface Feathers {
  readonly feathers: () => object
}

interface Express {
  readonly default: (app: object) => App
}

/** Nodes with a key of their own, or a node would call itself. */
async function start (place: Place, key: string, firstPort: number): Promise<App> {
  const [{ feathers }, { default: express }, { default: plugin }] = await Promise.all([
    loadPeer<Feathers>('@feathersjs/feathers'),
    loadPeer<Express>('@feathersjs/express'),
    loadPeer<Plugin>('@kalisio/feathers-distributed')
  ])
  const app = express(feathers())
  // Short delays do as long as nodes look for ports in ranges of their own; what is published before a node listens
  // is published again.
  const delays = place.defaults ? {} : { publicationDelay: 200, componentDelay: 20, heartbeatInterval: 500 }
  app.configure(plugin({
    key,
    ...delays,
    cote: {
      port: place.port,
      broadcast: BROADCAST,
      ...(place.defaults ? {} : { helloInterval: 2_000, basePort: firstPort, highestPort: firstPort + 20 })
    }
  }))
  return app
}

const isThere = (app: App): boolean => Object.hasOwn(app.services, 'todos')

async function startCaller (place: Place, key: string, firstPort: number): Promise<App> {
  const app = await start(place, key, firstPort)
  while (!isThere(app)) await Promise.race([once(app, 'service'), delay(20)])
  return app
}

let subscribers = 0

export const feathersDistributed: System = {
  async host (place: Place, todos: Todos): Promise<Host> {
    const app = await start(place, 'host', place.port + 10 + 20 * place.replica)
    app.use('todos', todos)
    const service = app.service('todos')
    service.hooks(countingHooks())
    return { emit: todo => service.emit('created', todo) }
  },

  async connect (place: Place): Promise<Todos> {
    return (await startCaller(place, 'caller', place.port + 60)).service('todos')
  },

  async subscribe (place: Place, heard: (todo: Todo) => void): Promise<void> {
    const app = await startCaller(place, 'subscriber', place.port + 80 + 20 * subscribers++)
    app.service('todos').on('created', heard)
  }
}
