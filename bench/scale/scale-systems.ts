/** Nodes with many services of their own, each node with a key of its own, as nodes of different services have. */
import { feathers } from '@feathersjs/feathers'
import { DistributedModule } from 'feathers-mesh'
import { loadPeer } from '../peers'
import { BROADCAST } from '../systems/system'

export interface NodeSettings {
  readonly port: number
  readonly name: string
  readonly index: number
  readonly services: number
}

/** Starts a node; gives what counts the services of other nodes that it knows. */
export type StartNode = (settings: NodeSettings) => Promise<() => number>

const pathsOf = ({ index, services }: NodeSettings): string[] =>
  Array.from({ length: services }, (_, n) => `node-${index}/service-${n}`)

const service = (): object => ({ find: async () => [], get: async (id: unknown) => ({ id }) })

const startOurs: StartNode = async settings => {
  const mesh = DistributedModule.forRoot({
    key: `node-${settings.index}`, cote: { port: settings.port, environment: settings.name }
  })
  for (const path of pathsOf(settings)) mesh.app.use(path, service())
  await mesh.start()
  return () => mesh.services().filter(({ local }) => !local).length
}

/** With its defaults, but that each node looks for its TCP ports in a range of its own. */
const startFeathersDistributed: StartNode = async settings => {
  const { feathers: makeFeathers } = await loadPeer<{ feathers: () => object }>('@feathersjs/feathers')
  const { default: express } = await loadPeer<{ default: (app: object) => App }>('@feathersjs/express')
  const { default: plugin } = await loadPeer<{ default: (options: object) => (app: App) => void }>(
    '@kalisio/feathers-distributed')
  const app = express(makeFeathers())
  const firstPort = 10_000 + settings.index * 200
  app.configure(plugin({
    key: `node-${settings.index}`,
    cote: { port: settings.port, broadcast: BROADCAST, basePort: firstPort, highestPort: firstPort + 199 }
  }))
  for (const path of pathsOf(settings)) app.use(path, service())
  return () => Object.keys(app.services).filter(path => {
    return path.startsWith('node-') && !path.startsWith(`node-${settings.index}/`)
  }).length
}

/** What an idle node is compared with. */
const startFeathers: StartNode = async settings => {
  const app = feathers()
  for (const path of pathsOf(settings)) app.use(path, service() as never)
  await app.setup()
  return () => 0
}

interface App {
  readonly services: object
  use (path: string, service: object): void
  configure (plugin: (app: App) => void): void
}

export const SCALE_SYSTEMS = {
  ours: startOurs,
  'feathers-distributed': startFeathersDistributed,
  feathers: startFeathers
} satisfies Readonly<Record<string, StartNode>>

export type ScaleSystem = keyof typeof SCALE_SYSTEMS
