import { wireParams } from './wire-params'

/** A call before a node is chosen: its arguments by their names. */
export interface Invocation {
  readonly path: string
  readonly method: string
  readonly id?: unknown
  readonly data?: unknown
  readonly params?: Readonly<Record<string, unknown>>
}

/** Names the arguments of a call as Feathers orders them: its own six methods, `(data, params)` for all others. */
export function toInvocation (
  path: string, method: string, args: readonly unknown[], headers?: ReadonlySet<string>
): Invocation {
  const [first, second, third] = args
  switch (method) {
    case 'find': return { path, method, params: wireParams(first, headers) }
    case 'get':
    case 'remove': return { path, method, id: first, params: wireParams(second, headers) }
    case 'update':
    case 'patch': return { path, method, id: first, data: second, params: wireParams(third, headers) }
    default: return { path, method, data: first, params: wireParams(second, headers) }
  }
}

/** The arguments of a call in Feathers' order. */
export function toArguments (method: string, { id, data, params }: Omit<Invocation, 'path' | 'method'>): unknown[] {
  switch (method) {
    case 'find': return [params]
    case 'get':
    case 'remove': return [id, params]
    case 'update':
    case 'patch': return [id, data, params]
    default: return [data, params]
  }
}

/** The index of the params among the arguments of a method. */
export function paramsPosition (method: string): number {
  switch (method) {
    case 'find': return 0
    case 'update':
    case 'patch': return 2
    default: return 1
  }
}
