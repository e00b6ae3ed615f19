import { methodOf, SHAPED, type Contract, type MethodContract } from '../../contract/contract'

/** The kinds of changes, and whether callers of the old contract may fail with the new one. */
export const CHANGES = {
  SERVICE_REMOVED: 'breaking',
  METHOD_REMOVED: 'breaking',
  EVENT_REMOVED: 'breaking',
  DATA_CHANGED: 'breaking',
  ID_CHANGED: 'breaking',
  QUERY_CHANGED: 'breaking',
  RESULT_CHANGED: 'breaking',
  IDEMPOTENT_REMOVED: 'breaking',
  SERVICE_ADDED: 'compatible',
  METHOD_ADDED: 'compatible',
  EVENT_ADDED: 'compatible',
  SHAPE_ADDED: 'compatible',
  SHAPE_REMOVED: 'compatible',
  IDEMPOTENT_ADDED: 'compatible',
  TIMEOUT_CHANGED: 'compatible',
  VERSION_CHANGED: 'compatible'
} as const satisfies Readonly<Record<string, 'breaking' | 'compatible'>>

/** The name of a kind of change: it stays as it is. */
export type ChangeCode = keyof typeof CHANGES

/** One difference between two contracts of a service. */
export interface Change {
  readonly code: ChangeCode
  readonly path: string
  /** What has changed: the name of a method or event, or a sentence. */
  readonly text: string
}

const CHANGED = {
  data: 'DATA_CHANGED', id: 'ID_CHANGED', query: 'QUERY_CHANGED', result: 'RESULT_CHANGED'
} as const satisfies Readonly<Record<typeof SHAPED[number], ChangeCode>>

/** How the services of a mesh have changed, those first that break callers. */
export function changesOf (before: readonly Contract[], after: readonly Contract[]): Change[] {
  const changes = [
    ...before.flatMap(contract => {
      const same = after.filter(({ path }) => path === contract.path)
      if (same.length === 0) return [{ code: 'SERVICE_REMOVED', path: contract.path, text: 'the service' } as const]
      return same.flatMap(each => serviceChanges(contract, each))
    }),
    ...after.filter(({ path }) => before.every(each => each.path !== path))
      .map(({ path }) => ({ code: 'SERVICE_ADDED', path, text: 'the service' } as const))
  ]
  const unique = new Map(changes.map(change => [JSON.stringify(change), change]))
  return [...unique.values()].sort((a, b) => Number(isBreaking(b)) - Number(isBreaking(a)))
}

/** Whether callers of the old contract may fail with the new one. */
export function isBreaking ({ code }: Change): boolean {
  return CHANGES[code] === 'breaking'
}

function serviceChanges (before: Contract, after: Contract): Change[] {
  const { path } = before
  const change = (code: ChangeCode, text: string): Change => ({ code, path, text })
  const [oldNames, newNames] = [before, after].map(({ methods }) => methods.map(({ name }) => name))
  return [
    ...missing(oldNames, newNames).map(name => change('METHOD_REMOVED', `${name}()`)),
    ...missing(newNames, oldNames).map(name => change('METHOD_ADDED', `${name}()`)),
    ...missing(before.events, after.events).map(name => change('EVENT_REMOVED', `'${name}'`)),
    ...missing(after.events, before.events).map(name => change('EVENT_ADDED', `'${name}'`)),
    ...before.version === after.version
      ? []
      : [change('VERSION_CHANGED', `${before.version ?? 'none'} is now ${after.version ?? 'none'}`)],
    ...before.methods.flatMap(method => {
      const same = methodOf(after, method.name)
      return same === undefined ? [] : methodChanges(path, method, same)
    })
  ]
}

function methodChanges (path: string, before: MethodContract, after: MethodContract): Change[] {
  const change = (code: ChangeCode, text: string): Change => ({ code, path, text: `${before.name}(): ${text}` })
  const shapes = SHAPED.flatMap(what => {
    const [old, now] = [before, after].map(({ shapes }) => shapes?.[what])
    if (old === now) return []
    if (old === undefined) return [change('SHAPE_ADDED', `the ${what} has a class now`)]
    if (now === undefined) return [change('SHAPE_REMOVED', `the ${what} has no class any more`)]
    return [change(CHANGED[what], `the ${what} has another shape`)]
  })
  const policy = before.idempotent === after.idempotent
    ? []
    : [change(after.idempotent ? 'IDEMPOTENT_ADDED' : 'IDEMPOTENT_REMOVED',
        after.idempotent ? 'it may be repeated now' : 'it must not be repeated any more')]
  const timeout = before.timeout === after.timeout
    ? []
    : [change('TIMEOUT_CHANGED', `the timeout is ${after.timeout ?? 'that of the caller'} now`)]
  return [...shapes, ...policy, ...timeout]
}

function missing (names: readonly string[], others: readonly string[] = []): string[] {
  return names.filter(name => !others.includes(name))
}
