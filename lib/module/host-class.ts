import {
  normalizeServiceOptions, SERVICE, type Application, type HookContext, type NextFunction
} from '@feathersjs/feathers'
import type { ClassDefinition } from '../contract/from-class'
import { hasRules, validateData } from '../contract/validate-data'
import { dataPosition } from '../contract/data-position'
import type { ServiceEvent } from '../decorators/distributed-event'
import { getParameterTypes, type Class } from '../decorators/metadata'
import { useService } from '../feathers/feathers-app'
import { CONTRACT } from '../feathers/hosted-services'

type AroundHook = (context: HookContext, next: NextFunction) => Promise<void>

/** Puts an instance of a decorated class on the app, with its events and the checks of its data. */
export function hostClass (app: Application, target: Class, instance: object, definition: ClassDefinition): void {
  const { contract, eventMembers, customEvents } = definition
  for (const event of eventMembers) {
    Object.defineProperty(instance, event, { value: makeEvent(app, contract.path, event), configurable: true })
  }
  const options = normalizeServiceOptions(instance, {
    methods: contract.methods.map(({ name }) => name),
    events: [...customEvents],
    ...{ [CONTRACT]: contract }
  })
  // Feathers would put an object before the instance, which has none of its #private members: `this` of a method
  // would be that one. An instance that has its options already is taken as it is.
  Object.defineProperty(instance, SERVICE, { value: options })
  useService(app, contract.path, instance, options)
  app.service(contract.path).hooks({ around: dataChecks(target, definition) })
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

/** For each method whose data has rules, the hook that checks it before any other hook of the service. */
function dataChecks (target: Class, { contract, methods }: ClassDefinition): Record<string, AroundHook[]> {
  const checks: Record<string, AroundHook[]> = {}
  for (const [name, options] of methods) {
    const declared = getParameterTypes(target, name)?.[dataPosition(name)]
    const type = options.data ?? declared
    if (dataPosition(name) < 0 || !hasRules(type)) continue
    // For a list, or a class and a list of it, the compiler leaves Array or Object: then the options say the class.
    const rules = { type, takesList: type !== declared }
    checks[name] = [async (context, next) => {
      context.data = await validateData(`${contract.path}.${name}()`, rules, context.data)
      await next()
    }]
  }
  return checks
}
