import type { FeathersService } from '@feathersjs/feathers'
import { HOOKS, methodsOf } from '../app/feathers-app'
import type { AroundHook } from './registered-hooks'

/** What Feathers asks at each call of a method for the hooks around it, the outermost first. */
export interface HookCollector {
  collectMiddleware (self: unknown, args: unknown[]): AroundHook[]
}

/** A method that runs with hooks, where it has a collector. */
interface WithHooks {
  readonly [HOOKS]?: HookCollector
}

/** The collector of a method; undefined where that runs without hooks. */
export function collectorOf (service: FeathersService, method: string): HookCollector | undefined {
  return methodsOf<WithHooks | undefined>(service)[method]?.[HOOKS]
}

/**
 * Makes a collector give more hooks than those that are registered.
 *
 * @param extend - adds to the hooks of a call: in front what runs around all of them, behind what runs inside them
 */
export function extendHooks (collector: HookCollector, extend: (hooks: AroundHook[]) => AroundHook[]): void {
  const collect = collector.collectMiddleware.bind(collector)
  collector.collectMiddleware = (self, args) => extend(collect(self, args))
}
