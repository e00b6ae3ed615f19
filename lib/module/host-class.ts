import {
  normalizeServiceOptions, SERVICE, type Application, type HookContext, type NextFunction, type Params
} from '@feathersjs/feathers'
import type { ValidatorOptions } from 'class-validator'
import { argumentRules } from '../validation/argument-rules'
import type { ClassDefinition } from '../class-contract/from-class'
import { validateArguments } from '../validation/validate-arguments'
import type { DurableEvent, ServiceEvent } from '../decorators/distributed-event'
import type { Class } from '../decorators/metadata'
import { timedOut } from '../errors'
import { useService } from '../feathers/app/feathers-app'
import { withContract } from '../feathers/offering/declared-contract'
import type { NodeLog } from '../log'
import { copyWith, timeLeft } from '../remote/call/limits/lazy-limits'
import { hostInstance } from './hosted-instance'

type AroundHook = (context: HookContext, next: NextFunction) => Promise<void>

/** Where decorated classes are hosted, and how. */
export interface Hosting {
  readonly app: Application
  readonly log: NodeLog
  /** The default options of class-validator, for classes without their own. */
  readonly validation?: ValidatorOptions
  /** Whether the node has left the mesh, so that another one can host its services. */
  readonly hasStopped: () => boolean
  /** Knows when durable events that are emitted are kept. */
  readonly stores: { collect (emit: () => void): Promise<void> }
}

/** Puts an instance of a decorated class on the app, with its events and the checks of its arguments. */
export function hostClass (
  hosting: Hosting, target: Class, instance: object, definition: ClassDefinition
): void {
  hostInstance(instance, hosting.hasStopped, () => putOnApp(hosting, target, instance, definition))
}

function putOnApp (
  { app, log, validation, stores }: Hosting, target: Class, instance: object, definition: ClassDefinition
): void {
  const { contract, access, eventMembers, customEvents, warnings } = definition
  for (const warning of warnings) log.tell('FEATHERS_MESH_UNCHECKED', warning, { path: contract.path })
  for (const event of eventMembers) {
    const made = makeEvent(app, contract.path, event)
    const isDurable = contract.durableEvents?.includes(event)
    const value = isDurable === true ? makeDurable(made, stores) : made
    Object.defineProperty(instance, event, { value, configurable: true })
  }
  const methods = contract.methods.map(({ name }) => name)
  const own = withContract({ methods, events: [...customEvents] }, { contract, access })
  const options = normalizeServiceOptions(instance, own)
  // Without its options Feathers wraps an instance in an object that inherits from it and has none of its #private
  // members, and calls methods with that object as `this`. An instance with options stays as it is.
  Object.defineProperty(instance, SERVICE, { value: options, configurable: true })
  useService(app, contract.path, instance, options)
  app.service(contract.path).hooks({ around: argumentChecks(target, definition, validation) })
}

function makeEvent (app: Application, path: string, event: string): ServiceEvent<unknown> {
  return {
    emit (payload) {
      const service = app.service(path)
      // No call caused this event, but listeners get the other fields of a hook context.
      service.emit(event, payload, { app, service, path, event, type: null, method: null, params: {}, result: payload })
    }
  }
}

function makeDurable (event: ServiceEvent<unknown>, stores: Hosting['stores']): DurableEvent<unknown> {
  return { emit: payload => stores.collect(() => event.emit(payload)) }
}

/** For each method whose arguments have rules, a hook that checks them before any other hook of the service. */
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
      // The rules decide what an id is, whatever Feathers' type says.
      if (rules.id !== undefined) context.id = checked.id as HookContext['id']
      if (rules.data !== undefined) context.data = checked.data
      if (rules.query !== undefined) context.params = copyWith(params, 'query', checked.query)
      throwIfLate(context)
      await next()
    }]
  }
  return checks
}

/**
 * Checks the deadline of a call again. Calls that arrive together are validated together, and run one after the other;
 * one that keeps the process busy may use up the time of the next one.
 *
 * @throws Timeout when the caller on another node has stopped waiting
 */
function throwIfLate ({ path, method, params }: HookContext): void {
  const { fromRemote }: Params = params
  if (fromRemote === true && timeLeft(params) <= 0) {
    throw timedOut({ path, method, outcome: 'not-sent' }, 0)
  }
}
