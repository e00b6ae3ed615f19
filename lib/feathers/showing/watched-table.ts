import { inspect } from 'node:util'
import type { ServicesByPath } from '../app/feathers-app'

/**
 * A table of services that is complete for everybody who looks into it, however long he has had it.
 *
 * @param table - what it shows
 * @param complete - called before each look, with the path that is looked for; without one, all of them are to be there
 */
export function watchedTable (table: ServicesByPath, complete: (path?: string | symbol) => void): ServicesByPath {
  const whenComplete = <Look extends [target: object, path: string | symbol, ...rest: never[]], Seen>(
    look: (...args: Look) => Seen
  ) => (...args: Look): Seen => {
    complete(args[1])
    return look(...args)
  }
  const watched = new Proxy(table, {
    get: whenComplete((target, path, receiver) => Reflect.get(target, path, receiver)),
    has: whenComplete((target, path) => Reflect.has(target, path)),
    getOwnPropertyDescriptor: whenComplete((target, path) => Reflect.getOwnPropertyDescriptor(target, path)),
    defineProperty: whenComplete((target, path, property) => Reflect.defineProperty(target, path, property)),
    deleteProperty: whenComplete((target, path) => Reflect.deleteProperty(target, path)),
    ownKeys (target) {
      complete()
      return Reflect.ownKeys(target).filter(key => key !== inspect.custom)
    },
    preventExtensions (target) {
      complete()
      // Such a table has to show all that it has.
      Reflect.deleteProperty(target, inspect.custom)
      return Reflect.preventExtensions(target)
    }
  })
  // Node prints what is behind a proxy without a look through it.
  Reflect.defineProperty(table, inspect.custom, { value: () => ({ ...watched }), configurable: true })
  return watched
}
