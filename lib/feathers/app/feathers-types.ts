import type { Allow } from '../../contract/access'
import type { Caller } from '../../contract/contract'

/** What the mesh adds to the types of Feathers. */
declare module '@feathersjs/feathers/lib/declarations' {
  interface Params {
    /** The call came from another node. A caller can neither forge nor unset it. */
    fromRemote?: boolean
    /**
     * When the caller on another node stops waiting, in milliseconds since 1970 by the clock of this machine. Made each
     * time that it is read, as that clock may be set meanwhile: a copy of the params keeps what it shows then.
     */
    deadline?: number
    /** The node that calls, for a call from another node. A caller can neither forge nor unset it. */
    caller?: Caller
    /** Aborted when the caller on another node cancels the call, or its deadline passes. */
    signal?: AbortSignal
  }

  interface ServiceOptions {
    /** The methods of the service that other nodes may call. @default all that Feathers knows */
    distributedMethods?: readonly string[]
    /** The events of the service that other nodes receive. @default the standard and the custom ones */
    distributedEvents?: readonly string[]
    /** Those of them that are kept until each durable group has handled them. @default none */
    durableEvents?: readonly string[]
    /** Which nodes may call the service over the mesh: a list of their keys, or a function. @default all */
    allow?: Allow
  }
}

export {}
