import type { DistributedMethodOptions } from './metadata'
import { addMember, memberKind } from './metadata'
import { throwIfBare, throwIfStandard } from './decorator-use'

/** Any method that a remote caller could await. */
// Parameters are the author's own; `never[]` accepts every list of them.
export type ServiceMethod = (...args: never[]) => unknown

/**
 * Offers a method to the mesh: one of Feathers' six, or a custom one with `(data, params)`.
 *
 * @example
 * ```ts
 * @DistributedMethod({ idempotent: true, timeout: 2_000 })
 * async complete (data: { id: number }, params?: Params): Promise<Todo> { … }
 * ```
 */
export function DistributedMethod (options: DistributedMethodOptions = {}, ...rest: never[]) {
  throwIfBare('DistributedMethod', '@DistributedMethod()', [options, ...rest])
  return <T extends ServiceMethod>(
    target: object, name: string | symbol, descriptor: TypedPropertyDescriptor<T>
  ): void => {
    throwIfStandard('DistributedMethod', [target, name])
    addMember(target, { name, decorator: 'DistributedMethod', kind: memberKind(target, descriptor), options })
  }
}
