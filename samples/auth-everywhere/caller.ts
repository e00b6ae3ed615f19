import type { AuthenticationRequest } from '@feathersjs/authentication'
import type { Params } from '@feathersjs/feathers'

export interface User { id: number, email: string }

/** The `params` of the services in this sample. */
export interface CallerParams extends Params {
  /** The calling user, from the token that this node checked. */
  user?: User
  /** The token; pass it on to call another service on behalf of the user. */
  authentication?: AuthenticationRequest
  /** Whether another node sent the call. */
  fromRemote?: boolean
}
