import { isPlainRecord } from '../../../record'
import { HOOK_TYPES } from './additions'

const TYPES: ReadonlySet<string> = new Set(HOOK_TYPES)

/**
 * Why Feathers does not take hooks for a service with these methods, or would pass over some of them; undefined where
 * it takes them all. Feathers itself says so only when it makes the service, or never: it reads the own fields of
 * whatever object it is given, so a hook in a Map, in a promise or of a prototype would guard nothing.
 */
export function hooksFault (hooks: unknown, methods: readonly string[]): string | undefined {
  // A list goes around all methods.
  if (hooks === undefined || hooks === null || areHooks(hooks)) return undefined
  if (!isPlainRecord(hooks)) return 'its hooks are neither a list of functions nor a plain object'
  const names = Object.keys(hooks)
  if (HOOK_TYPES.some(type => Boolean(hooks[type]))) {
    const wrong = names.find(name => !TYPES.has(name))
    if (wrong !== undefined) return `'${wrong}' of its hooks is no type of hooks`
    return names.map(type => faultOfType(type, hooks[type])).find(fault => fault !== undefined)
  }
  const wrong = names.find(name => !methods.includes(name))
  return wrong === undefined
    ? faultByMethod('around', hooks)
    : `there are hooks for '${wrong}', which is none of its methods`
}

function faultOfType (type: string, hooks: unknown): string | undefined {
  // As in Feathers, a type may have none.
  if (!hooks || areHooks(hooks)) return undefined
  if (isPlainRecord(hooks)) return faultByMethod(type, hooks)
  return `'${type}' of its hooks is neither a function, a list of them, nor a plain object with them by method`
}

function faultByMethod (type: string, hooks: Readonly<Record<string, unknown>>): string | undefined {
  const wrong = Object.keys(hooks).find(method => !areHooks(hooks[method]))
  return wrong === undefined ? undefined : `'${wrong}' of its '${type}' hooks is neither a function nor a list of them`
}

function areHooks (value: unknown): boolean {
  return Array.isArray(value) ? value.every(isHook) : isHook(value)
}

function isHook (value: unknown): boolean {
  return typeof value === 'function'
}
