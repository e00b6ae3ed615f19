import { EventEmitter } from 'node:events'

const OF_EVERY_OBJECT = [...Object.getOwnPropertyNames(Object.prototype), ...Object.keys(EventEmitter.prototype)]

/** Names that Feathers (`protectedMethods` of @feathersjs/feathers) and this library reserve. */
const PROTECTED = new Set([
  ...OF_EVERY_OBJECT,
  'all', 'around', 'before', 'after', 'error', 'hooks', 'setup', 'teardown', 'publish', 'then', 'with', 'healthcheck'
])

/**
 * Names that runtimes and libraries look up on any object: a promise looks for `then`, JSON for `toJSON`,
 * tsyringe for `dispose`, jest for more. On a remote none of them becomes a call. The last line has the fields that
 * mark a service of another node on an app.
 */
const INERT = new Set([
  ...OF_EVERY_OBJECT,
  'then', 'catch', 'finally', 'toJSON', 'dispose', 'prototype',
  'asymmetricMatch', 'nodeType', 'tagName', 'hasAttribute',
  'remote', 'key', 'path', 'remoteOptions'
])

/** Libraries look up `$$typeof`, `@@__IMMUTABLE_ITERABLE__@@` and the like, too: they are no names of methods. */
const METHOD_NAME = /^[A-Za-z]\w*$/

/** True for a name that a service method can't have in Feathers. */
export function isProtectedName (name: string): boolean {
  return PROTECTED.has(name)
}

/** Whether a remote can have a method of this name. */
export function isCallableName (name: string): boolean {
  return METHOD_NAME.test(name) && !INERT.has(name)
}
