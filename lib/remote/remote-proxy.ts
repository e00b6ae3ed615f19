import { inspect } from 'node:util'
import { isCallableName } from '../contract/callable-name'
import type { Class } from '../decorators/metadata'
import { OF_CLASS } from '../decorators/remote-injection'
import { checkCallOptions, type CallOptions } from './call/call-options'
import type { RemoteEvents, Listener } from './remote-events'

/** What proxies call, and where they listen. */
export interface ProxySource {
  readonly events: RemoteEvents
  /** Calls a method of the service of a path. */
  call (path: string, method: string, args: readonly unknown[], options?: CallOptions): Promise<unknown>
  /** The remote of a path. */
  get (path: string): object
  /** The remote for callers that hold the class of its service. */
  ofClass (path: string, target: Class): object
}

/** A method of a remote. */
export type RemoteFunction = (...args: unknown[]) => Promise<unknown>

/** What a class adds to the functions of its remotes, and to their listeners. */
export interface RemoteValues {
  /** Wraps a method; returns the method itself where there is nothing to add. */
  method (name: string, call: RemoteFunction): RemoteFunction
  /** Wraps a listener; an emitter removes it when its original listener is removed. */
  listener (event: string, listener: Listener): Listener
}

/**
 * An object that has a function for each method name. Whether the service has such a method is checked at each call: a
 * remote may be made long before its service is found.
 */
export function makeProxy (path: string, source: ProxySource, options?: CallOptions, values?: RemoteValues): object {
  const controls = {
    on (event: string, listener: Listener): object {
      source.events.on(path, event, values?.listener(event, listener) ?? listener)
      return proxy
    },
    once (event: string, listener: Listener): object {
      const heard = values?.listener(event, listener) ?? listener
      const once = (...args: unknown[]): void => {
        source.events.off(path, event, once)
        heard(...args)
      }
      // By this property an emitter finds the listener when the original one is removed.
      source.events.on(path, event, Object.assign(once, { listener }))
      return proxy
    },
    off (event: string, listener: Listener): object {
      source.events.off(path, event, listener)
      return proxy
    },
    with (more: CallOptions): object {
      return makeProxy(path, source, { ...options, ...checkCallOptions(path, more) }, values)
    }
  }
  // Functions are made once for each name; without a prototype it has these members and no other ones.
  const members: Record<string | symbol, unknown> = Object.assign(Object.create(null), controls, {
    [Symbol.toStringTag]: 'RemoteService',
    [OF_CLASS]: (target: Class) => source.ofClass(path, target),
    [inspect.custom]: () => `RemoteService { '${path}' }`
  })
  const proxy: object = new Proxy(members, {
    get (target, name) {
      if (name in target || typeof name === 'symbol') return target[name]
      if (!isCallableName(name)) return undefined
      const call: RemoteFunction = (...args) => source.call(path, name, args, options)
      return target[name] = values?.method(name, call) ?? call
    },
    set: () => false
  })
  return proxy
}
