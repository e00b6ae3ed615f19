import type { Sampling } from '../telemetry/sdk'
import type { System } from './system'

interface Entry {
  /** The head of its column. */
  readonly title: string
  /** Loads nothing of another system, so that idle costs are its own. */
  readonly load: () => Promise<System>
  /** Whether it takes part where nobody says which do: in all runs, in whole ones, or in none. */
  readonly takesPart: 'always' | 'whole' | 'never'
}

const SECRET = 'a secret for the bench alone'

/** With the SDK of OpenTelemetry, by which the mesh makes spans and metrics, or the program around its calls. */
async function oursWithSdk (sampling: Sampling, maker: 'telemetry' | 'by hand'): Promise<System> {
  (await import('../telemetry/sdk.js')).registerSdk(sampling)
  const { ours } = await import('./ours.js')
  if (maker === 'telemetry') return ours({ through: 'remote', telemetry: true })
  return ours({ through: 'remote', byHand: (await import('../telemetry/spans-by-hand.js')).spansByHand() })
}

/** All systems by the names that `--only` takes, in the order of the columns. */
export const SYSTEMS = {
  ours: {
    title: 'ours, typed remote',
    takesPart: 'always',
    load: async () => (await import('./ours.js')).ours({ through: 'remote' })
  },
  'ours-app': {
    title: 'ours, app.service()',
    takesPart: 'always',
    load: async () => (await import('./ours.js')).ours({ through: 'app' })
  },
  'ours-secret': {
    title: 'ours, remote, secret',
    takesPart: 'always',
    load: async () => (await import('./ours.js')).ours({ through: 'remote', secret: SECRET })
  },
  'ours-app-secret': {
    title: 'ours, app, secret',
    takesPart: 'whole',
    load: async () => (await import('./ours.js')).ours({ through: 'app', secret: SECRET })
  },
  'ours-no-hooks': {
    title: 'ours, remote, no hooks',
    takesPart: 'never',
    load: async () => (await import('./ours.js')).ours({ through: 'remote', hooks: false })
  },
  'ours-telemetry-api': {
    title: 'telemetry, API alone',
    takesPart: 'never',
    load: async () => (await import('./ours.js')).ours({ through: 'remote', telemetry: true })
  },
  'ours-telemetry-some': {
    title: 'telemetry, SDK, 1 % of traces',
    takesPart: 'never',
    load: async () => await oursWithSdk('some', 'telemetry')
  },
  'ours-telemetry-all': {
    title: 'telemetry, SDK, all spans',
    takesPart: 'never',
    load: async () => await oursWithSdk('all', 'telemetry')
  },
  'ours-by-hand-some': {
    title: 'spans by hand, 1 % of traces',
    takesPart: 'never',
    load: async () => await oursWithSdk('some', 'by hand')
  },
  'ours-by-hand-all': {
    title: 'spans by hand, all spans',
    takesPart: 'never',
    load: async () => await oursWithSdk('all', 'by hand')
  },
  'feathers-distributed': {
    title: 'feathers-distributed',
    takesPart: 'always',
    load: async () => (await import('./feathers-distributed.js')).feathersDistributed
  },
  cote: { title: 'cote', takesPart: 'always', load: async () => (await import('./cote.js')).plainCote },
  moleculer: {
    title: 'Moleculer TCP',
    takesPart: 'always',
    load: async () => (await import('./moleculer.js')).moleculer({ retries: false })
  },
  'moleculer-retries': {
    title: 'Moleculer TCP, retries on',
    takesPart: 'never',
    load: async () => (await import('./moleculer.js')).moleculer({ retries: true })
  },
  nest: { title: 'Nest TCP', takesPart: 'always', load: async () => (await import('./nest.js')).nest() },
  bare: { title: 'bare socket', takesPart: 'always', load: async () => (await import('./bare-socket.js')).bareSocket },
  'ours-nats': {
    title: 'ours, NATS',
    takesPart: 'never',
    load: async () => (await import('./ours.js')).ours({ through: 'remote', isOnNats: true })
  },
  'ours-nats-secret': {
    title: 'ours, NATS, secret',
    takesPart: 'never',
    load: async () => (await import('./ours.js')).ours({ through: 'remote', isOnNats: true, secret: SECRET })
  },
  'moleculer-nats': {
    title: 'Moleculer NATS',
    takesPart: 'never',
    load: async () => (await import('./moleculer.js')).moleculer({ retries: false, isOnNats: true })
  },
  'nest-nats': {
    title: 'Nest NATS',
    takesPart: 'never',
    load: async () => (await import('./nest.js')).nest(true)
  },
  'nats-request': {
    title: 'NATS request()',
    takesPart: 'never',
    load: async () => (await import('./nats-request.js')).natsRequest
  },
  feathers: {
    title: 'Feathers alone',
    takesPart: 'never',
    load: async () => (await import('./feathers.js')).bareFeathers
  }
} satisfies Readonly<Record<string, Entry>>

export type SystemName = keyof typeof SYSTEMS

export const isSystemName = (name: string): name is SystemName => Object.hasOwn(SYSTEMS, name)

export const titleOf = (name: SystemName): string => SYSTEMS[name].title

/** Those that the bench measures where nobody says which. */
export function benchSystems (isQuick: boolean): SystemName[] {
  return Object.keys(SYSTEMS).filter(isSystemName).filter(name => {
    const { takesPart }: Entry = SYSTEMS[name]
    return takesPart === 'always' || (takesPart === 'whole' && !isQuick)
  })
}
