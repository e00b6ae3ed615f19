import { authenticate } from '@feathersjs/authentication'
import { NotAuthenticated } from '@feathersjs/errors'
import type { HookContext, NextFunction } from '@feathersjs/feathers'

/** What a node may ask another one on its own behalf, without a user: `path.method`. */
const openToNodes = ['users.get', 'notes.count']

const checkToken = authenticate('jwt')

/**
 * Runs before every method of every service of a node, its own and those of other nodes.
 *
 * A client needs a token. A program may call the services of its own node without one. A call from another node
 * (`params.fromRemote`, which no caller can set or unset) is either on behalf of a user, whose token is checked here
 * once more, or it is the node's own, and then it may do what is listed above.
 */
export async function requireUser (context: HookContext, next: NextFunction): Promise<void> {
  const { path, method, params } = context
  // Where tokens are issued, nobody has one yet.
  if (path === 'authentication') return await next()
  if (params.fromRemote) {
    // Another node may be wrong in what it says of its caller. A token says it by itself.
    context.params = { ...params, user: undefined, authenticated: undefined }
    if (params.authentication === undefined) return await callOfNode(`${path}.${method}`, next)
  }
  await checkToken(context, next)
}

async function callOfNode (method: string, next: NextFunction): Promise<void> {
  if (!openToNodes.includes(method)) throw new NotAuthenticated(`${method}() is for users: pass on their authentication`)
  await next()
}
