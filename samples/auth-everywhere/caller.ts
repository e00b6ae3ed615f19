import type { AuthenticationRequest } from '@feathersjs/authentication'
import type { Params } from '@feathersjs/feathers'

export interface User { id: number, email: string }

/** What the services of this sample find in `params`. */
export interface CallerParams extends Params {
  /** Who calls, as the token says that was checked on this node. */
  user?: User
  /** The token; pass it on to call another service on behalf of the user. */
  authentication?: AuthenticationRequest
  /** Whether another node sent the call. */
  fromRemote?: boolean
}
