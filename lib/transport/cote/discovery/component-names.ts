/** feathers-distributed's names of its components (`COMPONENTS` in its utils). */
export const SERVICES_SUBSCRIBER = 'feathers services subscriber'
export const SERVICES_PUBLISHER = 'feathers services publisher'
export const EVENTS_PUBLISHER = 'feathers services events publisher'
export const RESPONDER = 'feathers services responder'

/** The key and namespace of the two components that tell which services there are, and their events. */
export const SERVICES_KEY = 'services'
export const SERVICE = 'service'
export const SERVICE_REMOVED = 'service-removed'
