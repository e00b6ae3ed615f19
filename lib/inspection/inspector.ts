import type { Caller } from '../contract/contract'
import { forbidden, overloaded } from '../errors'
import { mayQuote } from '../log-codes'
import { fieldsOf, listField, textField, type Fields } from '../record'
import type { OnRejected } from '../transport/rejections'
import { RequestRefused, type IncomingCall } from '../transport/transport'
import { AskerLimits, askerOf } from './asker-limits'
import type { Figures, Measures } from './measures'
import type { NodeFacts, NodeReport } from './node-report'
import { OTHER } from './path-table'
import { TAP_SIDES } from './records'
import type { Sight } from './sight'
import type { TapWish } from './tap'

/** How errors name the question. */
const QUESTION = { path: 'mesh', method: 'inspect' }

/** The caller where the transport can't identify it. */
const UNKNOWN: Caller = Object.freeze({ proven: false, address: 'unknown' })

/** Who may ask a node, and for what. */
export interface InspectPolicy {
  readonly isOn: boolean
  /** The keys of those who may; all without it. */
  readonly keys: readonly string[] | undefined
  /** Whether taps may tell payloads. */
  readonly payloads: boolean
}

/** What an {@link Inspector} needs of its node. */
export interface InspectorOptions {
  readonly policy: InspectPolicy
  readonly measures: Measures
  readonly facts: () => NodeFacts
  /** What an asker may see of what this node hosts. */
  readonly sightOf: (asker: Caller) => Omit<Sight, 'seesRemotes'>
  readonly key: string
  readonly onRejected: OnRejected
}

/** Answers the read-only questions about a node. */
export class Inspector {
  private readonly limits = new AskerLimits()

  constructor (private readonly options: InspectorOptions) {}

  /** What the program itself is told. */
  get report (): NodeReport {
    const { measures, facts } = this.options
    return { ...facts(), ...measures.figures, taps: measures.taps.count }
  }

  /** Answers a question of another node: anything may be asked. */
  answer (question: IncomingCall): void {
    const { caller = UNKNOWN, request: { data } } = question
    const { policy: { keys }, onRejected } = this.options
    if (keys !== undefined && (caller.key === undefined || !keys.includes(caller.key))) {
      const error = forbidden(QUESTION, caller)
      onRejected('forbidden', caller.address, error.message)
      return question.reply(error)
    }
    const fields = fieldsOf(data)
    const asker = askerOf(caller)
    const tap = textField(fields, 'tap')
    if (tap !== undefined) return this.continueTap(tap, asker, fields, question)
    if (!this.limits.admit(asker)) {
      onRejected('throttledControl', caller.address)
      const error = overloaded('this node is asked too often', QUESTION)
      return question.reply(new RequestRefused(error, 'busy'))
    }
    if (fields.ask === 'tap') return this.openTap(caller, asker, fields, question)
    question.reply(null, fields.ask === 'report' ? this.reportFor(caller) : {})
  }

  private reportFor (caller: Caller): NodeReport {
    const { measures, facts } = this.options
    const sight = this.sightOf(caller)
    const known = facts()
    // Names of services are known to all; what the program threw is not, as a caller gets no text of another's error.
    const warnings = known.warnings.filter(({ code }) => sight.seesRemotes || !mayQuote(code))
    return { ...known, warnings, ...inSight(measures.recent, sight), taps: measures.taps.count }
  }

  private sightOf (caller: Caller): Sight {
    const { key, policy: { keys }, sightOf } = this.options
    return { ...sightOf(caller), seesRemotes: caller.key === key || keys !== undefined }
  }

  private openTap (caller: Caller, asker: string, fields: Fields, question: IncomingCall): void {
    const tap = this.options.measures.taps.add(this.wishOf(fields), this.sightOf(caller), asker)
    if (tap !== undefined) return question.reply(null, { tap, records: [], lost: 0 })
    question.reply(new RequestRefused(overloaded('this node has as many taps as it may have', QUESTION), 'busy'))
  }

  private wishOf (fields: Fields): TapWish {
    const path = textField(fields, 'path')
    const sides = listField(fields, 'sides') ?? TAP_SIDES
    return {
      ...path === undefined ? {} : { path },
      sides: new Set(TAP_SIDES.filter(side => sides.includes(side))),
      payloads: this.options.policy.payloads && fields.payloads === true
    }
  }

  private continueTap (tap: string, asker: string, fields: Fields, question: IncomingCall): void {
    const { taps } = this.options.measures
    if (fields.end !== true) return taps.ask(tap, asker, question)
    taps.delete(tap, asker)
    question.reply(null, {})
  }
}

/** The figures that an asker may see. */
function inSight ({ served, called, events, gaps }: Figures, sight: Sight): Figures {
  const { mayCall, mayHear, seesRemotes } = sight
  return {
    served: served.filter(({ path, method }) => mayCall(path, method)),
    called: seesRemotes ? called : [],
    events: events.filter(({ path, event, sent, received }) => {
      if (sent > 0 && !mayHear(path, event)) return false
      // Of a service of this node, others that host it send events, too. Of many together, any others may.
      return seesRemotes || (sent > 0 && (path !== OTHER || received === 0))
    }),
    gaps
  }
}
