/**
 * A node to attack: one service for everybody, one for a key, and one that is hidden.
 * Its plugin is that of feathers-distributed 2 or 3, or ours; nothing else here depends on which one.
 */
import { feathers, type Application, type Params } from '@feathersjs/feathers'
import type { DistributionOptions } from 'feathers-mesh'
import { obey } from './obey'

interface Plugin {
  readonly default: (options: DistributionOptions) => (app: Application) => void
}

/** The report of a method about its call. */
export interface Ran {
  readonly ran: string
  readonly seen: Readonly<Record<string, unknown>>
}

const METHODS = ['find', 'get', 'remove', 'shred']
const TOLD = ['fromRemote', 'provider', 'user', 'authenticated', 'caller', 'deadline'] as const

function service (path: string): object {
  const run = async (method: string, params: Params = {}): Promise<Ran> => {
    const given = params as Readonly<Record<string, unknown>>
    const { aborted } = (given.signal ?? {}) as { aborted?: unknown }
    return { ran: `${path}.${method}`, seen: { ...Object.fromEntries(TOLD.map(name => [name, given[name]])), aborted } }
  }
  return {
    find: async (params?: Params) => await run('find', params),
    get: async (_id: unknown, params?: Params) => await run('get', params),
    remove: async (_id: unknown, params?: Params) => await run('remove', params),
    shred: async (_data: unknown, params?: Params) => await run('shred', params),
    setup: async () => {},
    teardown: async () => {}
  }
}

async function start (): Promise<void> {
  const plugin = await import(process.env.PLUGIN ?? '') as Plugin
  const app = feathers()
  app.configure(plugin.default(JSON.parse(process.env.VICTIM_OPTIONS ?? '{}') as DistributionOptions))
  app.use('open', service('open'), { methods: METHODS, distributedMethods: ['find', 'get', 'shred'] })
  app.use('closed', service('closed'), { methods: METHODS, allow: ['gateway'] })
  app.use('hidden', service('hidden'), { methods: METHODS })
  await app.setup()
}

obey({ start, lives: () => true })
