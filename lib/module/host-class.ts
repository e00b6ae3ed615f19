import {
  normalizeServiceOptions, SERVICE, type Application, type HookContext, type NextFunction
} from '@feathersjs/feathers'
import type { ValidatorOptions } from 'class-validator'
import { argumentRules } from '../validation/argument-rules'
import type { ClassDefinition } from '../class-contract/from-class'
import { validateArguments } from '../validation/validate-arguments'
import type { ServiceEvent } from '../decorators/distributed-event'
import type { Class } from '../decorators/metadata'
import { timedOut } from '../errors'
import { useService } from '../feathers/app/feathers-app'
import { withContract } from '../feathers/offering/declared-contract'
import { hostInstance } from './hosted-instance'

type AroundHook = (context: HookContext, next: NextFunction) => Promise<void>

/** Where a decorated class is hosted, and how. */
export interface Hosting {
  readonly app: Application
  /** Options of class-validator where a class says none. */
  readonly validation?: ValidatorOptions
  /** Whether the node has left the mesh: then another one can host its services. */
  readonly hasStopped: () => boolean
}

/** Puts an instance of a decorated class on the app, with its events and the checks of its arguments. */
export function hostClass (
  hosting: Hosting, target: Class, instance: object, definition: ClassDefinition
): void {
  hostInstance(instance, hosting.hasStopped, () => putOnApp(hosting, target, instance, definition))
}

function putOnApp (
  { app, validation }: Hosting, target: Class, instance: object, definition: ClassDefinition
): void {
  const { contract, access, eventMembers, customEvents, warnings } = definition
  for (const warning of warnings) process.emitWarning(warning, { code: 'FEATHERS_MESH_UNCHECKED' })
  for (const event of eventMembers) {
    Object.defineProperty(instance, event, { value: makeEvent(app, contract.path, event), configurable: true })
  }
  const methods = contract.methods.map(({ name }) => name)
  const own = withContract({ methods, events: [...customEvents] }, { contract, access })
  const options = normalizeServiceOptions(instance, own)
  // Feathers would put an object before the instance, which has none of its #private members: `this` of a method
  // would be that one. An instance that has its options already is taken as it is.
  Object.defineProperty(instance, SERVICE, { value: options, configurable: true })
  useService(app, contract.path, instance, options)
  app.service(contract.path).hooks({ around: argumentChecks(target, definition, validation) })
}

function makeEvent (app: Application, path: string, event: string): ServiceEvent<unknown> {
  return {
    emit (payload) {
      const service = app.service(path)
      // Emitted by hand there is no call that it belongs to; listeners get the rest of a hook context all the same.
      service.emit(event, payload, { app, service, path, event, type: null, method: null, params: {}, result: payload })
    }
  }
}

/** For each method whose arguments have rules, the hook that checks them before any other hook of the service. */
function argumentChecks (
  target: Class, { contract, methods }: ClassDefinition, defaults: ValidatorOptions | undefined
): Record<string, AroundHook[]> {
  const checks: Record<string, AroundHook[]> = {}
  for (const [name, options] of methods) {
    const rules = argumentRules(target, name, options, defaults)
    if (rules === undefined) continue
    checks[name] = [async (context, next) => {
      const { id, data, params } = context
      const checked = await validateArguments(`${contract.path}.${name}()`, rules, { id, data, query: params.query })
      if (rules.id !== undefined) context.id = checked.id as HookContext['id']
      if (rules.data !== undefined) context.data = checked.data
      if (rules.query !== undefined) context.params = withQuery(params, checked.query)
      refuseLate(context)
      await next()
    }]
  }
  return checks
}

/**
 * Calls that came together are checked together, and begin one after the other: one that keeps the process busy may
 * take all the time that the next one's caller had.
 *
 * @throws Timeout when nobody waits any more for a call of another node
 */
function refuseLate ({ path, method, params }: HookContext): void {
  const { fromRemote, deadline } = params as { fromRemote?: unknown, deadline?: number }
  if (fromRemote === true && deadline !== undefined && deadline <= Date.now()) {
    throw timedOut({ path, method, outcome: 'not-sent' }, 0)
  }
}

/** The params with another query; those of the caller stay as they are, and what is only made when asked for is not. */
function withQuery (params: object, query: unknown): HookContext['params'] {
  return Object.defineProperties({}, {
    ...Object.getOwnPropertyDescriptors(params),
    query: { value: query, writable: true, enumerable: true, configurable: true }
  }) as HookContext['params']
}
