import type { ServiceOptions } from '@feathersjs/feathers'
import { STANDARD_EVENTS, STANDARD_METHODS, type Contract } from '../../../contract/contract'
import type { RemoteServiceEntry } from '../../../registry/remote-service-entry'
import type { Middlewares } from '../../app/feathers-app'

/** What an app needs to know of a remote service to show it. */
export type ServiceOffer =
  Pick<RemoteServiceEntry, 'path' | 'key' | 'remotePath' | 'remoteOptions' | 'methods' | 'events' | 'id'>

/** The usual name of the field that identifies a record. */
const USUAL_ID = 'id'

/** The offer of a declared service that no node hosts yet: from its class where there is one, else the usual one. */
export function declaredOffer (path: string, contract: Contract | undefined): ServiceOffer {
  return {
    path,
    key: '',
    remotePath: path,
    remoteOptions: undefined,
    // Authentication needs an id when it is set up, maybe before a host is found. The host's own id replaces it.
    id: USUAL_ID,
    methods: contract?.methods.map(({ name }) => name) ?? STANDARD_METHODS,
    events: contract?.events ?? STANDARD_EVENTS
  }
}

/** The methods and events of a service. */
export type ServiceMembers = Pick<ServiceOffer, 'methods' | 'events'>

/** An offer that stays as it is when its hosts have gone, with lists that many services share. */
export function copyOf (offer: ServiceOffer, { methods, events }: ServiceMembers): ServiceOffer {
  const { path, remotePath, key, remoteOptions, id } = offer
  return { path, remotePath, key, remoteOptions, id, methods, events }
}

/** The options with which an app has a service of other nodes. */
export function optionsOf (
  { methods, events: names }: ServiceMembers, { before = [], after = [] }: Middlewares = {}
): ServiceOptions {
  // Adapters append to their lists, so each adapter and each service gets lists of its own.
  const middlewares = (): object => ({ before: [before].flat(), after: [after].flat() })
  const events = [...names]
  // The adapters look these up, and don't add them to the type of the options.
  const ofAdapters: object = { express: middlewares(), koa: middlewares() }
  return {
    methods: [...methods],
    // With all events in this list Feathers emits none after a call: they come from the host.
    // Feathers would add the standard events to it, so the events for channels have a list of their own.
    events,
    serviceEvents: events,
    ...ofAdapters
  }
}
