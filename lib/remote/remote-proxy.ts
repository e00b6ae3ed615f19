import { inspect } from 'node:util'
import { isCallableName } from '../contract/callable-name'
import { checkCallOptions } from './call-options'
import type { RemoteEvents, Listener } from './remote-events'
import type { CallOptions } from './remote-service'

/** What a proxy does its work with. */
export interface ProxySource {
  readonly events: RemoteEvents
  call (path: string, method: string, args: readonly unknown[], options: CallOptions): Promise<unknown>
}

/**
 * An object that has a function for each method name. Which names are methods is for the contract to say at the
 * time of the call: a remote may be made long before its service is found.
 */
export function makeProxy (path: string, source: ProxySource, options: CallOptions): object {
  const controls = {
    on (event: string, listener: Listener): object {
      source.events.on(path, event, listener)
      return proxy
    },
    once (event: string, listener: Listener): object {
      const once = (...args: unknown[]): void => {
        source.events.off(path, event, once)
        listener(...args)
      }
      // An emitter looks at this when it is asked to take the listener off.
      source.events.on(path, event, Object.assign(once, { listener }))
      return proxy
    },
    off (event: string, listener: Listener): object {
      source.events.off(path, event, listener)
      return proxy
    },
    with: (more: CallOptions): object => makeProxy(path, source, { ...options, ...checkCallOptions(path, more) })
  }
  // Looked up once for each name; without a prototype, so that it has what is put here and nothing else.
  const members = Object.assign(Object.create(null) as Record<string | symbol, unknown>, controls, {
    [Symbol.toStringTag]: 'RemoteService',
    [inspect.custom]: () => `RemoteService { '${path}' }`
  })
  const proxy: object = new Proxy(members, {
    get (target, name) {
      if (name in target || typeof name === 'symbol') return target[name]
      if (!isCallableName(name)) return undefined
      return target[name] = (...args: unknown[]) => source.call(path, name, args, options)
    },
    set: () => false
  })
  return proxy
}
