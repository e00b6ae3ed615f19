import type { System } from './system'

interface Entry {
  /** The head of its column. */
  readonly title: string
  /** Loads nothing of another system, so that idle costs are its own. */
  readonly load: () => Promise<System>
  /** Whether it takes part in the bench, where it is not left out. */
  readonly inBench: boolean
}

const SECRET = 'a secret for the bench alone'

/** All systems by the names that `--only` takes, in the order of the columns. */
export const SYSTEMS = {
  ours: {
    title: 'ours, typed remote',
    inBench: true,
    load: async () => (await import('./ours.js')).ours({ through: 'remote' })
  },
  'ours-app': {
    title: 'ours, app.service()',
    inBench: true,
    load: async () => (await import('./ours.js')).ours({ through: 'app' })
  },
  'ours-secret': {
    title: 'ours, remote, secret',
    inBench: true,
    load: async () => (await import('./ours.js')).ours({ through: 'remote', secret: SECRET })
  },
  'ours-app-secret': {
    title: 'ours, app, secret',
    inBench: true,
    load: async () => (await import('./ours.js')).ours({ through: 'app', secret: SECRET })
  },
  'feathers-distributed': {
    title: 'feathers-distributed',
    inBench: true,
    load: async () => (await import('./feathers-distributed.js')).feathersDistributed
  },
  cote: { title: 'cote', inBench: true, load: async () => (await import('./cote.js')).plainCote },
  moleculer: {
    title: 'Moleculer TCP',
    inBench: true,
    load: async () => (await import('./moleculer.js')).moleculer({ retries: false })
  },
  'moleculer-retries': {
    title: 'Moleculer TCP, retries on',
    inBench: false,
    load: async () => (await import('./moleculer.js')).moleculer({ retries: true })
  },
  nest: { title: 'Nest TCP', inBench: true, load: async () => (await import('./nest.js')).nest },
  bare: { title: 'bare socket', inBench: true, load: async () => (await import('./bare-socket.js')).bareSocket },
  feathers: { title: 'Feathers alone', inBench: false, load: async () => (await import('./feathers.js')).bareFeathers }
} satisfies Readonly<Record<string, Entry>>

export type SystemName = keyof typeof SYSTEMS

export const isSystemName = (name: string): name is SystemName => Object.hasOwn(SYSTEMS, name)

export const titleOf = (name: SystemName): string => SYSTEMS[name].title

/** Those that the bench measures. `secret` takes part as soon as there is such an option. */
export async function benchSystems (): Promise<SystemName[]> {
  const { knowsOption } = await import('./ours.js')
  const hasSecret = knowsOption('secret', SECRET)
  return Object.keys(SYSTEMS).filter(isSystemName)
    .filter(name => SYSTEMS[name].inBench && (hasSecret || !name.endsWith('secret')))
}
