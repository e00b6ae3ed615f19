import { authenticate } from '@feathersjs/authentication'
import { NotAuthenticated } from '@feathersjs/errors'
import type { HookContext, NextFunction } from '@feathersjs/feathers'

/** The methods that a node may call on its own behalf, without a user: `path.method`. */
const openToNodes = ['users.get', 'notes.count']

const checkToken = authenticate('jwt')

/**
 * Runs before every method of every service on a node: its own services, and those of other nodes.
 *
 * A client needs a token. A program may call the services of its own node without one. A call from another node
 * (`params.fromRemote`, which no caller can set or remove) may be on behalf of a user: then this hook checks the token
 * again. Or it may be on behalf of the node itself: then only the methods listed above are allowed.
 */
export async function requireUser (context: HookContext, next: NextFunction): Promise<void> {
  const { path, method, params } = context
  // Clients come here to get a token, so they have none yet.
  if (path === 'authentication') return await next()
  if (params.fromRemote) {
    // Another node may be wrong about its caller. The token proves who it is.
    context.params = { ...params, user: undefined, authenticated: undefined }
    if (params.authentication === undefined) return await callOfNode(`${path}.${method}`, next)
  }
  await checkToken(context, next)
}

async function callOfNode (method: string, next: NextFunction): Promise<void> {
  if (!openToNodes.includes(method)) throw new NotAuthenticated(`${method}() is for users: pass on their authentication`)
  await next()
}
