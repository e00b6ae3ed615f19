import { isAllow, type Allow, type Caller } from '../decorators/allow'

export type { Allow } from '../decorators/allow'

/** What members of a service say themselves of who may use them, by their names. */
export type MemberAccess = ReadonlyMap<string, Allow>

/** Who may call the methods of a service, and is told its events; it never leaves the hosting node. */
export class Access {
  /** The names whose function was complained of: callers must not fill the log. */
  private readonly complaints = new Set<string>()

  /**
   * @param service - who may use any method or event that says nothing itself; everybody without it
   * @param methods - what methods say themselves
   * @param events - what events say themselves
   */
  constructor (
    private readonly service: Allow | undefined, private readonly methods: MemberAccess,
    private readonly events: MemberAccess = new Map()
  ) {}

  /** Whether a node may call a method. A function that throws, or does not answer with `true`, says no. */
  permits (caller: Caller, method: string): boolean {
    const allow = this.methods.get(method) ?? this.service
    return allow === undefined || this.says(allow, caller, method)
  }

  /** Which nodes are told an event, by the same rules; undefined where all are. */
  audience (event: string): ((node: Caller) => boolean) | undefined {
    const allow = this.events.get(event) ?? this.service
    return allow === undefined ? undefined : node => this.says(allow, node, event)
  }

  private says (allow: Allow, caller: Caller, name: string): boolean {
    if (typeof allow !== 'function') return caller.key !== undefined && allow.includes(caller.key)
    try {
      // What JavaScript returns may be anything.
      const answer: unknown = allow(caller, name)
      if (typeof answer !== 'object' || answer === null) return answer === true
      // A promise would be true for everybody, and one that fails with nobody to hear of it would end the process.
      Promise.resolve(answer).catch(() => {})
      this.complain(name, 'returned an object and not true or false')
    } catch (error) {
      this.complain(name, `threw ${error instanceof Error ? error.message : String(error)}`)
    }
    return false
  }

  private complain (name: string, what: string): void {
    if (this.complaints.has(name)) return
    this.complaints.add(name)
    process.emitWarning(`the function 'allow' of '${name}' ${what}, which allows nothing`)
  }
}

/** What is wrong with an `allow`, wherever it was said. */
export function allowFaults (place: string, allow: unknown): string[] {
  if (allow === undefined || isAllow(allow)) return []
  return [`${place}: allow must be a list of keys, or a function of the caller and the name`]
}

/** The same for a plain service, by an option that it was registered with; undefined where that says nothing. */
export function accessOfService (allow: unknown): Access | undefined {
  if (allow === undefined || allow === null) return undefined
  // Whatever it was meant to say, it closed something.
  return new Access(isAllow(allow) ? allow : [], new Map())
}
