import type { ValidatorOptions } from 'class-validator'
import { shapesOf, type ClassShapes } from '../class-contract/class-shapes'
import type { Contract } from '../contract/contract'
import { withHash } from '../contract/contract-hash'
import { argumentsFault, fitting, ruleFault } from '../validation/payload'
import { revive, reviveResult } from '../validation/revive'
import { validateArguments } from '../validation/validate-arguments'
import type { Class } from '../decorators/metadata'
import { unreadableValue } from '../errors'
import { LineLimit } from '../line-limit'
import type { NodeLog } from '../log'
import { messageOf, printable } from '../printable'
import type { Registry } from '../registry/registry'
import { ExpectedContracts, type Expectations } from './expected-contracts'
import { toInvocation } from './call/invocation'
import type { Listener } from './listener'
import { makeProxy, type ProxySource, type RemoteFunction, type RemoteValues } from './remote-proxy'

/** Characters of what is wrong with a payload, in a warning. */
const MAX_FAULT = 370

/** A listener of an event, and the class of its payload. */
interface ClassListener {
  readonly event: string
  readonly type: Class<object>
  readonly listener: Listener
}

/** How a node uses the classes that it holds of services of other nodes. */
export interface ClassPolicy {
  /** Options of class-validator for classes without their own. */
  readonly validation?: ValidatorOptions
  /** Whether arguments are also checked before they are sent. */
  readonly validateAtCaller: boolean
  /** Whether replicas that differ from a class get no calls. */
  readonly strictContracts: boolean
}

/** Where the expectations of classes are kept, and the replicas that they concern. */
interface ExpectedOf {
  readonly registry: Registry
  readonly expectations: Expectations
  readonly log: NodeLog
}

/** The remotes of callers that hold the classes of their services. */
export class ClassRemotes {
  private readonly made = new Map<Class, object>()
  private readonly registry: Registry
  private readonly expectations: Expectations
  private readonly expected: ExpectedContracts
  private readonly log: NodeLog
  private readonly limit = new LineLimit()

  constructor (
    private readonly source: ProxySource, private readonly policy: ClassPolicy,
    { registry, expectations, log }: ExpectedOf
  ) {
    this.log = log
    this.registry = registry
    this.expectations = expectations
    this.expected = new ExpectedContracts(registry, expectations, log)
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

  /** The contract of the first class that was used for the service of a path. */
  contractOf (path: string): Contract | undefined {
    return this.expectations.contractOf(path)
  }

  private make (path: string, target: Class): object {
    const { registry, source, policy: { validation, validateAtCaller } } = this
    const shapes = shapesOf(target, validation)
    this.expected.expect(path, { className: target.name, contract: withHash(shapes.contract) })
    const addsNothing = shapes.results.size === 0 && shapes.payloads.size === 0 && !validateAtCaller
    if (addsNothing) return source.get(path)
    // A service of this process checks its arguments itself, and no message is saved.
    const checks = (): boolean => validateAtCaller && registry.contract(path) === undefined
    const values = new ClassValues(path, shapes, { checks, limit: this.limit, log: this.log })
    return makeProxy(path, source, undefined, values)
  }
}

/** What the values of one class need of their node. */
interface ClassValuesOptions {
  /** Whether arguments are checked before they are sent. */
  readonly checks: () => boolean
  readonly limit: LineLimit
  readonly log: NodeLog
}

/** Makes instances of results and payloads from hosts, and checks arguments before they go there. */
class ClassValues implements RemoteValues {
  private readonly checks: () => boolean
  private readonly limit: LineLimit
  private readonly log: NodeLog

  constructor (
    private readonly path: string, private readonly shapes: ClassShapes,
    { checks, limit, log }: ClassValuesOptions
  ) {
    this.log = log
    this.checks = checks
    this.limit = limit
  }

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

  listener (event: string, listener: Listener, isContained = false): Listener {
    const type = this.shapes.payloads.get(event)
    if (type === undefined) return listener
    const what = `the payload of '${event}' of '${this.path}'`
    const revived: Listener = (payload, ...rest) => {
      let instance: unknown
      try {
        instance = made(what, type, () => fitting(revive(type, payload)))
      } catch (error) {
        return this.warnOf(event, messageOf(error))
      }
      if (isContained) return listener(instance, ...rest)
      return this.hear(what, { event, type, listener }, [instance, ...rest])
    }
    return Object.assign(revived, { listener })
  }

  /**
   * Calls a listener. What it throws ends the process, as with any emitter, where the rules of its class accept the
   * payload, and it read nothing else. Where they don't, it is the fault of who sent it.
   */
  private hear (what: string, { event, type, listener }: ClassListener, args: readonly unknown[]): void {
    const onThrown = (error: unknown): void => {
      const fault = argumentsFault(listener, args) ?? ruleFault(type, args[0])
      if (fault === undefined) queueMicrotask(() => { throw error })
      else this.warnOf(event, `${what} ${fault}, and a listener threw: ${messageOf(error)}`)
    }
    try {
      const returned: unknown = listener(...args)
      if (returned instanceof Promise) returned.catch(onThrown)
    } catch (error) {
      onThrown(error)
    }
  }

  private warnOf (event: string, fault: string): void {
    const text = `${printable(fault, MAX_FAULT)}; this listener does not hear it`
    this.log.tell('FEATHERS_MESH_LISTENER', text, { path: this.path, event }, this.limit)
  }
}

function made<T> (what: string, type: Class, make: () => T): T {
  try {
    return make()
  } catch (error) {
    throw unreadableValue(`${what} can't be made a ${type.name}: ${messageOf(error)}`, error)
  }
}
