import type { Application, NextFunction } from '@feathersjs/feathers'
import { servicesOf } from './feathers-app'
import { followApp, type AroundApp } from './follow-app'

/** What Feathers calls on a service when its app, or an app that this app is mounted on, is set up or torn down. */
export interface Mounted {
  setup (app: Application, path: string): Promise<void>
  teardown (app: Application): Promise<void>
}

type Setup = Mounted['setup']
type WithSetup = Partial<Pick<Mounted, 'setup'>>

/**
 * Makes the node of a sub-app join and leave with the app that the sub-app is mounted on. Feathers does not set up a
 * sub-app: it sets up the services of the sub-app, one after the other. So the first of them stands for the sub-app.
 */
export function followParent (app: Application, around: AroundApp): Mounted {
  if (isExpress(app)) {
    app.on('mount', (parent: object) => {
      if (canBeSetUp(parent)) followApp(parent, around)
    })
  }
  let restore = (): void => {}
  return {
    async setup (parent, path) {
      if (parent === app) return
      restore()
      const rest = new SetUpOfRest(app, parent, path)
      restore = () => rest.restore()
      await new Promise<void>((resolve, reject) => {
        const next: NextFunction = async () => {
          resolve()
          await rest.ended
        }
        // A later failure is that of a service, and the parent has its error already.
        around.setUp(next).catch(reject)
      })
    },
    async teardown (parent) {
      if (parent === app) return
      restore()
      await around.tearDown(async () => {})
    }
  }
}

/** Only apps of Express are functions, whatever their type says, and only those emit `mount`. */
function isExpress (app: unknown): boolean {
  return typeof app === 'function'
}

/** Whether a parent is a Feathers app: plain apps of Express mount others, too. */
function canBeSetUp (parent: object): parent is Application {
  return 'hooks' in parent && typeof parent.hooks === 'function' &&
    'setup' in parent && typeof parent.setup === 'function'
}

/** The set-up of the services of a sub-app that its parent sets up after the first one. */
class SetUpOfRest {
  readonly ended: Promise<void>
  private readonly waiting = new Map<WithSetup, Setup>()
  private end: () => void = () => {}
  private fail: (error: unknown) => void = () => {}

  /** @param path - the path of the first service on the parent */
  constructor (app: Application, parent: Application, path: string) {
    this.ended = new Promise<void>((resolve, reject) => {
      this.end = resolve
      this.fail = reject
    })
    const [[first] = [''], ...others] = Object.entries(servicesOf(app))
    const root = path.slice(0, path.length - first.length)
    const onParent = servicesOf(parent)
    for (const [name, service] of others) if (onParent[root + name] === service) this.waitFor(service)
    this.check()
  }

  /** Gives the services back their own `setup`. */
  restore (): void {
    for (const [service, setup] of this.waiting) service.setup = setup
    this.waiting.clear()
  }

  private waitFor (service: WithSetup): void {
    const { setup } = service
    if (typeof setup !== 'function') return
    this.waiting.set(service, setup)
    service.setup = async (...args) => {
      this.waiting.delete(service)
      service.setup = setup
      try {
        await setup.apply(service, args)
        this.check()
      } catch (error) {
        this.fail(error)
        throw error
      }
    }
  }

  private check (): void {
    if (this.waiting.size === 0) this.end()
  }
}
