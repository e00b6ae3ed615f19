import type { Allow } from '../contract/access'
import type { Caller } from '../contract/contract'

/** What the mesh adds to the types of Feathers. */
declare module '@feathersjs/feathers/lib/declarations' {
  interface Params {
    /** The call came from another node; a caller can neither forge nor unset it. */
    fromRemote?: boolean
    /** When the caller of another node stops waiting, in milliseconds since 1970. */
    deadline?: number
    /** The node that calls, for a call of another node; a caller can neither forge nor unset it. */
    caller?: Caller
    /** Aborted when the caller of another node gives the call up, or its time is over. */
    signal?: AbortSignal
  }

  interface ServiceOptions {
    /** The methods of the service that the mesh may call. @default all that Feathers knows */
    distributedMethods?: readonly string[]
    /** The events of the service that other nodes get. @default the standard and the custom ones */
    distributedEvents?: readonly string[]
    /** Which nodes may call the service over the mesh: a list of their keys, or a function. @default all */
    allow?: Allow
  }
}

export {}
