import { inspect } from 'node:util'
import { isCallableName } from '../contract/callable-name'
import type { Class } from '../decorators/metadata'
import { OF_CLASS } from '../decorators/remote-injection'
import { checkCallOptions } from './call/call-options'
import type { RemoteEvents, Listener } from './remote-events'
import type { CallOptions } from './remote-service'

/** What a proxy does its work with. */
export interface ProxySource {
  readonly events: RemoteEvents
  call (path: string, method: string, args: readonly unknown[], options: CallOptions): Promise<unknown>
  /** The remote of a path. */
  get (path: string): object
  /** The remote for callers that hold the class of its service. */
  ofClass (path: string, target: Class): object
}

export type RemoteFunction = (...args: unknown[]) => Promise<unknown>

/** What a class adds to the functions of its remotes, and to their listeners. */
export interface RemoteValues {
  method (name: string, call: RemoteFunction): RemoteFunction
  /** An emitter takes it off when it is asked to take off the one that it is made of. */
  listener (event: string, listener: Listener): Listener
}

/**
 * An object that has a function for each method name. Which names are methods is for the contract to say at the
 * time of the call: a remote may be made long before its service is found.
 */
export function makeProxy (path: string, source: ProxySource, options: CallOptions, values?: RemoteValues): object {
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
      // An emitter looks at this when it is asked to take the listener off.
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
  // Looked up once for each name; without a prototype, so that it has what is put here and nothing else.
  const members = Object.assign(Object.create(null) as Record<string | symbol, unknown>, controls, {
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
