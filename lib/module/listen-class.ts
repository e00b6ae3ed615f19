import type { DefinedListener } from '../class-contract/from-listener'
import type { Class } from '../decorators/metadata'
import { LineLimit } from '../line-limit'
import type { NodeLog } from '../log'
import { messageOf, printable } from '../printable'
import type { Listener } from '../remote/listener'
import type { Remotes } from '../remote/remotes'
import { Unfolding } from '../transport/values/json-text'
import { validateArguments } from '../validation/validate-arguments'

/** Payloads of one listener that wait for their check. Those of large events take turns with other work. */
const MAX_UNCHECKED = 1_000

/** The length of these payloads together, as JSON; a single one may be longer. */
const MAX_UNCHECKED_BYTES = 64 * 1024 * 1024

/** Characters of what is wrong, in a warning. */
const MAX_REASON = 300

/** A class that listens to events, and the instance that the container built. */
export interface BuiltListener {
  readonly target: Class
  readonly instance: object
  readonly listeners: readonly DefinedListener[]
}

/** Makes the methods of an instance listen to their events. */
export function listenClass (
  remotes: Remotes, log: NodeLog, { target: { name }, instance, listeners }: BuiltListener
): void {
  const failures = { log, limit: new LineLimit() }
  for (const listener of listeners) {
    const { path, event, group, durable } = listener
    const method = new ListeningMethod(`${name}#${listener.method}`, instance, listener, failures)
    if (durable === undefined) remotes.events.on(path, event, method.hear, group)
    else remotes.durable.on(path, event, method.hearStored, durable)
  }
}

/** One method of a class that listens to one event. What is wrong with a payload, and what it throws, is a warning. */
class ListeningMethod {
  /** Resolves when the payloads before are checked: the method gets them in their order. */
  private checked: Promise<unknown> = Promise.resolve()
  private unchecked = 0
  private uncheckedBytes = 0

  constructor (
    private readonly place: string, private readonly instance: object, private readonly listener: DefinedListener,
    private readonly failures: { readonly log: NodeLog, readonly limit: LineLimit }
  ) {}

  /** Hears an event; what it returns resolves when the method is done. */
  readonly hear: Listener = (payload, ...rest) => {
    if (this.listener.rules === undefined) return this.run(payload, rest)
    if (this.unchecked >= MAX_UNCHECKED) {
      return this.tell(`does not hear an event, as ${MAX_UNCHECKED} others wait for the check of their payloads`)
    }
    const bytes = lengthOf(payload)
    if (this.unchecked > 0 && this.uncheckedBytes + bytes > MAX_UNCHECKED_BYTES) {
      return this.tell(`does not hear an event, as payloads of ${this.uncheckedBytes} bytes wait for their check`)
    }
    this.unchecked++
    this.uncheckedBytes += bytes
    const checked = this.checked.then(async () => await this.check(payload, bytes))
    this.checked = checked
    return checked.then(fitting => fitting === undefined ? undefined : this.run(fitting.payload, rest))
  }

  /** Hears an event that is given again where this rejects: also one whose payload is wrong. */
  readonly hearStored: Listener = async (payload, ...rest) => {
    const { rules } = this.listener
    const data = rules === undefined ? payload : (await validateArguments(this.place, rules, { data: payload })).data
    await this.call(data, rest)
  }

  /** The payload as an instance of its class; undefined where it breaks the rules. */
  private async check (payload: unknown, bytes: number): Promise<{ readonly payload: unknown } | undefined> {
    const { rules = { validation: {} } } = this.listener
    try {
      const { data } = await validateArguments(this.place, rules, { data: payload })
      return { payload: data }
    } catch (error) {
      this.tell(`does not hear an event whose payload is wrong: ${messageOf(error)}`)
      return undefined
    } finally {
      this.unchecked--
      this.uncheckedBytes -= bytes
    }
  }

  private async run (payload: unknown, rest: readonly unknown[]): Promise<void> {
    try {
      await this.call(payload, rest)
    } catch (error) {
      this.tell(`threw: ${messageOf(error)}`)
    }
  }

  private async call (payload: unknown, rest: readonly unknown[]): Promise<void> {
    const { instance, listener: { method } } = this
    const listen: unknown = Reflect.get(instance, method)
    if (typeof listen === 'function') await Reflect.apply(listen, instance, [payload, ...rest])
  }

  private tell (what: string): void {
    const { place, listener: { path, event }, failures: { log, limit } } = this
    const text = `${place}, a listener of '${event}' of '${path}', ${printable(what, MAX_REASON)}`
    log.tell('FEATHERS_MESH_LISTENER', text, { path, event }, limit)
  }
}

/** What a payload takes, by the length of its JSON; one that can't be measured takes as much as all may. */
function lengthOf (payload: unknown): number {
  try {
    if (typeof payload === 'string') return payload.length
    return typeof payload === 'object' && payload !== null ? new Unfolding(payload).length : 0
  } catch {
    return MAX_UNCHECKED_BYTES
  }
}
