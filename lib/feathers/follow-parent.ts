import type { Application, NextFunction } from '@feathersjs/feathers'
import { followApp, type AroundApp } from './follow-app'

/** What Feathers asks of a service when its app, or one that this app is mounted on, is set up or torn down. */
export interface Mounted {
  setup (app: Application, path: string): Promise<void>
  teardown (app: Application): Promise<void>
}

type Setup = (...args: unknown[]) => unknown
type WithSetup = { setup?: Setup }

/**
 * Lets the node of a sub-app come and go with the app that it is mounted on. Feathers neither sets up a sub-app nor
 * tells it: it sets up its services, one after the other. So the first of them stands for the sub-app.
 */
export function followParent (app: Application, around: AroundApp): Mounted {
  // Only apps of Express are functions, whatever the types say, and only those are told of their parent.
  if (typeof (app as unknown) === 'function') {
    app.on('mount', (parent: Partial<Application>) => {
      if (typeof parent.hooks === 'function' && typeof parent.setup === 'function') {
        followApp(parent as Application, around)
      }
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
        // What fails later on is the error of that service, which the parent has already.
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

/** The set-up of those services of a sub-app that its parent sets up after the first one. */
class SetUpOfRest {
  readonly ended: Promise<void>
  private readonly waiting = new Map<WithSetup, Setup>()
  private end: () => void = () => {}
  private fail: (error: unknown) => void = () => {}

  /** @param path - where the parent has the first one */
  constructor (app: Application, parent: Application, path: string) {
    this.ended = new Promise<void>((resolve, reject) => {
      this.end = resolve
      this.fail = reject
    })
    const own = Object.entries(app.services as Record<string, object>)
    const [first = ['']] = own
    const root = path.slice(0, path.length - first[0].length)
    const there = parent.services as Record<string, object>
    for (const [name, service] of own.slice(1)) if (there[root + name] === service) this.wait(service)
    this.check()
  }

  /** The services are as they were. */
  restore (): void {
    for (const [service, setup] of this.waiting) service.setup = setup
    this.waiting.clear()
  }

  private wait (service: WithSetup): void {
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
