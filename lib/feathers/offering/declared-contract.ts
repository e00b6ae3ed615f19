import type { ServiceOptions } from '@feathersjs/feathers'
import type { Access } from '../../contract/access'
import type { Contract } from '../../contract/contract'

/** What the decorators of a class declare about its service. */
export interface DeclaredContract {
  readonly contract: Contract
  /** Who may call it; everybody where it is undefined. */
  readonly access: Access | undefined
}

/** Where the options of a service hold it: they go from `app.use` to the mixin that offers the service. */
const DECLARED = Symbol('feathers-mesh:contract')

interface WithDeclared extends ServiceOptions {
  readonly [DECLARED]?: DeclaredContract
}

/** Adds a declared contract to the options of a service, which is then offered as declared. */
export function withContract (options: ServiceOptions, declared: DeclaredContract): ServiceOptions {
  const all: WithDeclared = { ...options, [DECLARED]: declared }
  return all
}

/** The declared contract in the options of a service; undefined for a plain Feathers service. */
export function declaredContract (options: WithDeclared): DeclaredContract | undefined {
  return options[DECLARED]
}
