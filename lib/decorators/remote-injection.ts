import { inspect } from 'node:util'
import type { InjectionToken } from 'tsyringe'
import { ConfigurationError } from '../errors'
import { injection } from './injection'
import type { Class } from './metadata'
import { getServiceOptions } from './metadata'
import { stripSlashes } from './service-path'

/** A decorated class, or the path of any service. */
export type ClassOrPath<T = unknown> = Class<T> | string

/** Where a container finds the remotes of its mesh. */
export interface RemoteSource {
  remote (path: string): object
}

/** The method of a remote that gives the same remote for callers that hold its class. */
export const OF_CLASS = Symbol.for('feathers-mesh:of-class')

/** A remote of the mesh; what a test registers in its place is none. */
export interface ClassRemote {
  [OF_CLASS] (target: Class): object
}

/** Turns an injected remote into that of a class, whatever was registered under its token. */
export class RemoteOfClass {
  transform (remote: object, target: Class): object {
    return (remote as Partial<ClassRemote>)[OF_CLASS]?.(target) ?? remote
  }
}

/** The same as tsyringe builds it. */
export function remoteOfClass (): typeof RemoteOfClass {
  injection().injectable()(RemoteOfClass)
  return RemoteOfClass
}

/** What a container has that no node is in: tsyringe constructs a class that nobody registered. */
class NoNode implements RemoteSource {
  remote (path: string): never {
    throw noRemote(`remote service '${path}' is asked of a container that no node is in: resolve by the node, ` +
      'mesh.resolve(Dashboard), or give the node this container, or one above it, and before this: ' +
      'DistributedModule.forRoot({ container })')
  }
}

const SHARED = Symbol.for('feathers-mesh:remote-source')

/** The same for every copy of this package in the process: decorators of one find the nodes of another. */
const shared = globalThis as { [SHARED]?: typeof NoNode }

/** The token under which a node is in its container. */
export const REMOTE_SOURCE: InjectionToken<RemoteSource> = shared[SHARED] ??= NoNode

/**
 * Tokens are classes, one for each path, because tsyringe constructs a class that nobody registered:
 * so every remote can be injected, also one that `forRoot` was never told of.
 */
const tokens = new Map<string, Class<object>>()

/**
 * The path that a class was given by `@Distributed`, or the path itself: as Feathers has it, without outer slashes.
 *
 * @throws {@link ConfigurationError} for anything that is neither
 */
export function pathOf (target: ClassOrPath): string {
  const path = typeof target === 'string' ? target : classPath(target)
  if (stripSlashes(path) === '') throw noRemote("'' is asked for as a remote service; give its path, or its class")
  return stripSlashes(path)
}

function classPath (target: Class): string {
  // Whatever the types say: an import that goes round in a circle is undefined when a decorator asks for it.
  if (typeof target !== 'function') {
    throw noRemote(`${inspect(target, { depth: 0 })} is asked for as a remote service; give its class, or its path` +
      (target === undefined ? ' (a class that is undefined is often one whose file imports this one)' : ''))
  }
  const path = getServiceOptions(target)?.path
  if (typeof path === 'string') return path
  throw noRemote(`${target.name || 'a class without name'} is asked for as a remote service but has no @Distributed; ` +
    'add it above the class, or give the path of the service instead')
}

function noRemote (fault: string): ConfigurationError {
  return new ConfigurationError([fault])
}

/** The tsyringe token of a remote; always the same one for the same path. */
export function tokenOf (target: ClassOrPath): InjectionToken<object> {
  const path = pathOf(target)
  let token = tokens.get(path)
  if (token === undefined) {
    token = makeToken(path)
    tokens.set(path, token)
  }
  // tsyringe's own constructor type has no abstract classes; this one is none.
  return token as InjectionToken<object>
}

function makeToken (path: string): Class<object> {
  const { inject, injectable } = injection()
  class RemoteToken {
    constructor (source: RemoteSource) {
      return source.remote(path)
    }
  }
  // By hand, as tsyringe is loaded only now.
  inject(REMOTE_SOURCE)(RemoteToken, undefined, 0)
  injectable<object>()(RemoteToken)
  // tsyringe names the token in its messages.
  Object.defineProperty(RemoteToken, 'name', { value: `remote service '${path}'` })
  return RemoteToken
}
