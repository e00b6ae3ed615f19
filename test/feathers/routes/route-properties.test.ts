import { feathers, type Application, type FeathersService } from '@feathersjs/feathers'
import { routing } from '@feathersjs/transport-commons'
import fc from 'fast-check'
import { GatewayRoutes } from '../../../lib/feathers/routes/gateway-routes'
import { inPrecedence } from '../../../lib/feathers/routes/remote-routes'

/*
 * Services of the app and of other nodes come and go in any order. Whatever happened before, a path leads where it
 * leads in apps that were made just now: one with the app's own services, and for what that does not know one with the
 * others.
 */

const part = fc.constantFrom('a', 'b', 'c', ':x', ':y', ':__id')
const pathOf = (parts: string[]): string => parts.join('/')
const path = fc.array(part, { minLength: 1, maxLength: 4 }).map(pathOf)
const asked = fc.array(fc.constantFrom('a', 'b', 'c', '1'), { minLength: 1, maxLength: 5 }).map(pathOf)
const whose = fc.constantFrom('own', 'remote')
const step = fc.record({ whose, does: fc.constantFrom('comes', 'comes', 'goes'), path })
const steps = fc.array(step, { maxLength: 20 })
const lookups = fc.array(asked, { minLength: 5, maxLength: 20 })

interface Named extends FeathersService { readonly named: string }

const serviceFor = (named: string): object => ({ named, async get () {} })

function routed (): Application {
  const app = feathers()
  app.configure(routing())
  return app
}

/** What a lookup finds, in words. */
function found (app: Application, where: string): string {
  // Feathers' type does not say that there may be none.
  const lookup = app.lookup(where) as ReturnType<Application['lookup']> | null
  if (lookup === null) return 'nothing'
  const params = Object.entries(lookup.params).sort().map(([name, value]) => `${name}=${value}`)
  return `${(lookup.service as unknown as Named).named} ${params.join()}`
}

/** An app with some services from the start; a path that is taken by then is refused, as Feathers does. */
function freshWith (paths: Iterable<string>, whose: string): Application {
  const app = routed()
  for (const each of paths) register(() => app.use(each, serviceFor(`${whose} ${each}`)))
  return app
}

function register (use: () => void): boolean {
  try {
    use()
    return true
  } catch (error) {
    expect((error as Error).message).toMatch(/already exists/)
    return false
  }
}

/** Whether Feathers gives one route to two of the paths: their order decides then, and one has half a route. */
function collide (paths: Iterable<string>): boolean {
  const routes = [...paths].flatMap(each => [each, `${each}/:__id`])
  return new Set(routes).size < routes.length
}

/** The paths of other nodes, in the order in which they are looked at. */
function remotes ({ remote }: Gateway): string[] {
  return inPrecedence([...remote.values()], new Set()).map(({ path }) => path)
}

class Gateway {
  readonly app = routed()
  readonly own = new Set<string>()
  readonly remote = new Map<string, { path: string, service: FeathersService }>()
  private readonly routes = new GatewayRoutes(this.app, { services: () => this.remote.values(), prepare: () => true })

  do ({ whose, does, path: where }: { whose: string, does: string, path: string }): void {
    const comes = does === 'comes'
    if (whose === 'own') {
      if (comes && !collide([...this.own, where])) {
        this.app.use(where, serviceFor(`own ${where}`))
        this.own.add(where)
      } else if (!comes && this.own.delete(where)) {
        void this.app.unuse(where)
      }
      return
    }
    if (comes && !this.remote.has(where)) {
      this.remote.set(where, { path: where, service: serviceFor(`remote ${where}`) as FeathersService })
    } else if (!comes) {
      this.remote.delete(where)
    }
    this.routes.reset()
  }
}

describe('the routes of a gateway after any history of services', () => {
  beforeEach(() => { jest.spyOn(process, 'emitWarning').mockImplementation(() => {}) })
  afterEach(() => jest.restoreAllMocks())

  it('equal those of a fresh app, with local services first', () => {
    fc.assert(fc.property(steps, lookups, (history, all) => {
      const gateway = new Gateway()
      for (const each of history) gateway.do(each)
      const own = freshWith(gateway.own, 'own')
      const remote = freshWith(collide(gateway.remote.keys()) ? [] : remotes(gateway), 'remote')
      for (const each of all) {
        const expected = found(own, each)
        const got = found(gateway.app, each)
        if (expected !== 'nothing') expect(got).toBe(expected)
        else if (!collide(gateway.remote.keys())) expect(got).toBe(found(remote, each))
        else expect(got).not.toMatch(/^own/)
      }
    }), { numRuns: 500 })
  })

  it('are the same in whatever order remote services were found', () => {
    const shuffled = fc.uniqueArray(path, { maxLength: 8 })
      .chain(paths => fc.tuple(fc.constant(paths), fc.shuffledSubarray(paths, { minLength: paths.length })))
    fc.assert(fc.property(shuffled, lookups, ([paths, others], all) => {
      const [one, another] = [paths, others].map(order => {
        const gateway = new Gateway()
        for (const each of order) gateway.do({ whose: 'remote', does: 'comes', path: each })
        return gateway
      }) as [Gateway, Gateway]
      for (const each of all) expect(found(one.app, each)).toBe(found(another.app, each))
    }), { numRuns: 500 })
  })

  it('are the same for local services with and without remote services', () => {
    fc.assert(fc.property(steps, lookups, (history, all) => {
      const [mixed, alone] = [new Gateway(), new Gateway()]
      for (const each of history) {
        mixed.do(each)
        if (each.whose === 'own') alone.do(each)
      }
      for (const each of all) {
        const expected = found(alone.app, each)
        if (expected !== 'nothing') expect(found(mixed.app, each)).toBe(expected)
      }
    }), { numRuns: 500 })
  })

  it('include those of services that were registered before', () => {
    fc.assert(fc.property(fc.uniqueArray(path, { maxLength: 8 }), fc.array(asked, { minLength: 5 }), (paths, all) => {
      fc.pre(!collide(paths))
      const app = freshWith(paths, 'own')
      // Its routes are looked at, and nothing more.
      expect(new GatewayRoutes(app, { services: () => [], prepare: () => true })).toBeDefined()
      const [first, ...others] = paths
      if (first !== undefined) void app.unuse(first)
      const fresh = freshWith(others, 'own')
      for (const each of all) expect(found(app, each)).toBe(found(fresh, each))
    }), { numRuns: 300 })
  })
})
