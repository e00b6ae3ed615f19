import type { ValidatorOptions } from 'class-validator'
import { shapesOf, type ClassShapes } from '../class-contract/class-shapes'
import type { Contract } from '../contract/contract'
import { withHash } from '../contract/contract-hash'
import { revive, reviveResult } from '../validation/revive'
import { validateArguments } from '../validation/validate-arguments'
import type { Class } from '../decorators/metadata'
import type { Registry } from '../registry/registry'
import { ExpectedContracts } from './expected-contracts'
import { toInvocation } from './call/invocation'
import type { Listener } from './remote-events'
import { makeProxy, type ProxySource, type RemoteFunction, type RemoteValues } from './remote-proxy'

/** How the classes that a node holds of services are used for its remotes. */
export interface ClassPolicy {
  /** Options of class-validator where a class says none. */
  readonly validation?: ValidatorOptions
  /** Whether arguments are checked before they are sent, too. */
  readonly validateAtCaller: boolean
  /** Whether replicas that differ from a class get no calls. */
  readonly strictContracts: boolean
}

/** The remotes of callers that hold the classes of their services. */
export class ClassRemotes {
  private readonly made = new Map<Class, object>()
  private readonly expected: ExpectedContracts

  constructor (
    private readonly registry: Registry, private readonly source: ProxySource, private readonly policy: ClassPolicy
  ) {
    this.expected = new ExpectedContracts(registry, policy.strictContracts)
  }

  /** The remote of a class; always the same one. */
  get (path: string, target: Class): object {
    let proxy = this.made.get(target)
    if (proxy === undefined) {
      proxy = this.make(path, target)
      this.made.set(target, proxy)
    }
    return proxy
  }

  /** What the first class that was asked for says of the service of a path. */
  contractOf (path: string): Contract | undefined {
    return this.expected.contractOf(path)
  }

  private make (path: string, target: Class): object {
    const { registry, source, policy: { validation, validateAtCaller } } = this
    const shapes = shapesOf(target, validation)
    this.expected.expect(path, { className: target.name, contract: withHash(shapes.contract) })
    const addsNothing = shapes.results.size === 0 && shapes.payloads.size === 0 && !validateAtCaller
    if (addsNothing) return source.get(path)
    // A service of this process checks its arguments itself, and there is no trip to save.
    const checks = (): boolean => validateAtCaller && registry.contract(path) === undefined
    return makeProxy(path, source, {}, new ClassValues(path, shapes, checks))
  }
}

/** Makes instances of what comes from the hosts of a service, and checks what goes there. */
class ClassValues implements RemoteValues {
  constructor (
    private readonly path: string, private readonly shapes: ClassShapes, private readonly checks: () => boolean
  ) {}

  method (name: string, call: RemoteFunction): RemoteFunction {
    const type = this.shapes.results.get(name)
    const rules = this.shapes.rules.get(name)
    if (type === undefined && rules === undefined) return call
    const place = `${this.path}.${name}()`
    return async (...args) => {
      if (rules !== undefined && this.checks()) {
        const { id, data, params } = toInvocation(this.path, name, args)
        // The arguments go as they are: the host makes its own instances of them.
        await validateArguments(place, rules, { id, data, query: params?.query })
      }
      const result = await call(...args)
      return type === undefined ? result : made(`the result of ${place}`, type, () => reviveResult(name, type, result))
    }
  }

  listener (event: string, listener: Listener): Listener {
    const type = this.shapes.payloads.get(event)
    if (type === undefined) return listener
    const revived: Listener = (payload, ...rest) => {
      let instance: unknown
      try {
        instance = made(`the payload of '${event}' of '${this.path}'`, type, () => revive(type, payload))
      } catch (error) {
        // What a peer sends ends no process.
        process.emitWarning(`${(error as Error).message}; this listener does not hear it`)
        return
      }
      listener(instance, ...rest)
    }
    return Object.assign(revived, { listener })
  }
}

function made<T> (what: string, type: Class, make: () => T): T {
  try {
    return make()
  } catch (error) {
    throw new TypeError(`${what} can't be made a ${type.name}: ${(error as Error).message}`, { cause: error })
  }
}
