import { EventEmitter } from 'node:events'

/**
 * Names that runtimes and libraries look up on any object: a promise looks for `then`, JSON for `toJSON`,
 * tsyringe for `dispose`, jest for the rest. On a remote none of them becomes a call.
 */
const INERT = new Set([
  ...Object.getOwnPropertyNames(Object.prototype),
  ...Object.keys(EventEmitter.prototype),
  'then', 'catch', 'finally', 'toJSON', 'dispose', 'prototype', 'asymmetricMatch', 'nodeType', 'tagName', 'hasAttribute'
])
/** `$$typeof`, `@@__IMMUTABLE_ITERABLE__@@` and the like are looked up, too, and are no names of methods. */
const METHOD_NAME = /^[A-Za-z]\w*$/

/** Whether a remote can have a method of this name. */
export function isCallableName (name: string): boolean {
  return METHOD_NAME.test(name) && !INERT.has(name)
}
