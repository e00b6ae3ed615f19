import { inspect } from 'node:util'
import { isCallableName } from '../contract/callable-name'
import { readListener, type DurableListenerOptions, type ListenerOptions } from '../decorators/listener-options'
import type { Class } from '../decorators/metadata'
import { ConfigurationError } from '../errors'
import { printablePart } from '../printable'
import { OF_CLASS } from '../decorators/remote-injection'
import { checkCallOptions, type CallOptions } from './call/call-options'
import type { DurableListeners } from './durable-listeners'
import type { Listener } from './listener'
import type { RemoteEvents } from './remote-events'

/** What proxies call, and where they listen. */
export interface ProxySource {
  readonly events: RemoteEvents
  readonly durable: DurableListeners
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
  /**
   * Wraps a listener; an emitter removes it when its original listener is removed.
   *
   * @param isContained - whether whoever calls it takes care of what it throws
   */
  listener (event: string, listener: Listener, isContained?: boolean): Listener
}

/** The remote of one path, with options for its calls and the values of a class where it has them. */
interface RemoteSetup {
  readonly path: string
  readonly source: ProxySource
  readonly options: CallOptions | undefined
  readonly values: RemoteValues | undefined
}

/**
 * An object that has a function for each method name. Whether the service has such a method is checked at each call: a
 * remote may be made long before its service is found.
 */
export function makeProxy (path: string, source: ProxySource, options?: CallOptions, values?: RemoteValues): object {
  // Functions are made once for each name; without a prototype it has these members and no other ones.
  const members: Record<string | symbol, unknown> = Object.assign(Object.create(null), {
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
  Object.assign(members, controlsOf(proxy, { path, source, options, values }))
  return proxy
}

/** The members of a remote that are no methods of its service; they return the remote itself. */
function controlsOf (remote: object, { path, source, options, values }: RemoteSetup): object {
  return {
    on (event: string, listener: Listener, given?: ListenerOptions | DurableListenerOptions): object {
      const { group, durable } = readListener(path, event, given)
      const heard = values?.listener(event, listener, given !== undefined) ?? listener
      if (durable === undefined) source.events.on(path, event, heard, group)
      else source.durable.on(path, event, heard, durable)
      return remote
    },
    once (event: string, listener: Listener, ...rest: unknown[]): object {
      throwIfGrouped(path, rest)
      const heard = values?.listener(event, listener) ?? listener
      const once = (...args: unknown[]): unknown => {
        source.events.off(path, event, once)
        // The promise of an async listener: whoever delivers the event takes care of it.
        return heard(...args)
      }
      // By this property an emitter finds the listener when the original one is removed.
      source.events.on(path, event, Object.assign(once, { listener }))
      return remote
    },
    off (event: string, listener: Listener): object {
      if (!source.durable.off(path, event, listener)) source.events.off(path, event, listener)
      return remote
    },
    with (more: CallOptions): object {
      return makeProxy(path, source, { ...options, ...checkCallOptions(path, more) }, values)
    }
  }
}

/** @throws {@link ConfigurationError} for options: members of a group are chosen one after another, and not once */
function throwIfGrouped (path: string, [options]: readonly unknown[]): void {
  if (options === undefined) return
  throw new ConfigurationError([`once() of the remote '${printablePart(path)}' takes no options: listen by on()`])
}
