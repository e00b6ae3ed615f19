import { isRecord } from '../../../record'
import { HOOK_TYPES } from './additions'

const TYPES: ReadonlySet<string> = new Set(HOOK_TYPES)

/**
 * Why Feathers does not take hooks for a service with these methods; undefined where it takes them. Feathers itself
 * says so only when it makes the service, and by then somebody has it.
 */
export function hooksFault (hooks: unknown, methods: readonly string[]): string | undefined {
  // A list goes around all methods.
  if (!isRecord(hooks)) return undefined
  const names = Object.keys(hooks)
  if (HOOK_TYPES.some(type => Boolean(hooks[type]))) {
    const wrong = names.find(name => !TYPES.has(name))
    return wrong === undefined ? undefined : `'${wrong}' of its hooks is no type of hooks`
  }
  const wrong = names.find(name => !methods.includes(name))
  return wrong === undefined ? undefined : `there are hooks for '${wrong}', which is none of its methods`
}
