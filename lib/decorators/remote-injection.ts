import { inspect } from 'node:util'
import type { InjectionToken } from 'tsyringe'
import { stripSlashes } from '../contract/path'
import { ConfigurationError } from '../errors'
import { injection } from './injection'
import type { Class } from './metadata'
import { getServiceOptions } from './metadata'

/** A decorated class, or the path of any service. */
export type ClassOrPath<T = unknown> = Class<T> | string

/** Where a container finds the remotes of its mesh. */
export interface RemoteSource {
  /** The remote of a path. */
  remote (path: string): object
}

/** The method of a remote that gives the same remote for callers that hold its class. */
export const OF_CLASS = Symbol.for('feathers-mesh:of-class')

/** A remote of the mesh, as opposed to what a test registers in its place. */
export interface ClassRemote {
  /** The same remote, for callers that hold the class of the service. */
  [OF_CLASS] (target: Class): object
}

/** A test may register anything. */
function isClassRemote (remote: unknown): remote is ClassRemote {
  return typeof remote === 'object' && remote !== null && OF_CLASS in remote
}

/** Turns an injected remote into that of a class; what a test registered under its token stays as it is. */
export class RemoteOfClass {
  /** tsyringe calls it with what it resolved, and with the class. */
  transform (remote: object, target: Class): object {
    return isClassRemote(remote) ? remote[OF_CLASS](target) : remote
  }
}

/** {@link RemoteOfClass}, injectable: tsyringe is loaded only when a decorator needs it. */
export function remoteOfClass (): typeof RemoteOfClass {
  injection().injectable()(RemoteOfClass)
  return RemoteOfClass
}

/** What a container without a node has: tsyringe constructs a class that nobody registered. */
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
 * Tokens are classes, because tsyringe constructs a class that nobody registered: so every remote can be injected, also
 * one that `forRoot` does not list. There is one token for each path in the process, as a container finds by identity
 * what a test registers for a token. The map grows only by what the code of a program names in decorators and calls of
 * `remoteToken`; nothing that a peer sends gets here.
 */
const tokens = new Map<string, Class<object>>()

/**
 * The path of a class by its `@Distributed`, or the path itself: as Feathers keys it, without outer slashes.
 *
 * @throws {@link ConfigurationError} for anything that is neither
 */
export function pathOf (target: ClassOrPath): string {
  const path = typeof target === 'string' ? target : classPath(target)
  if (stripSlashes(path) === '') throw noRemote("'' is asked for as a remote service; give its path, or its class")
  return stripSlashes(path)
}

function classPath (target: Class): string {
  // Against its type: in a circle of imports a class is undefined while decorators run.
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
  // Not as decorators, because tsyringe is loaded only now.
  inject(REMOTE_SOURCE)(RemoteToken, undefined, 0)
  injectable<object>()(RemoteToken)
  // tsyringe names the token in its messages.
  Object.defineProperty(RemoteToken, 'name', { value: `remote service '${path}'` })
  return RemoteToken
}
