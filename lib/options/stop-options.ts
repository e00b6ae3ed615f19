import { MAX_TIMER_MS } from '../contract/method-policy'
import { ConfigurationError } from '../errors'
import { milliseconds, wholeNumber } from '../option-table/kinds'
import type { ResolvedOf, ValueOf } from '../option-table/option'
import { readOptions } from './resolution'

/** The options of `mesh.stopOnSignals()`. */
export const STOP_OPTIONS = {
  /**
   * Time from SIGTERM until the app is torn down: who sends requests here learns by `/readyz` to send them elsewhere.
   * After SIGINT there is none. @default 5000 ms
   */
  shutdownDelay: wholeNumber(0, MAX_TIMER_MS, 'ms').or(5_000),
  /** How long leaving then waits for calls under way. @default the option drainTimeout of the node */
  drainTimeout: milliseconds
}

/** The options of `mesh.stopOnSignals()`. */
// Mapped here, not by OptionsOf: so messages of the compiler name it instead of its table.
export type StopOptions = { [Name in keyof typeof STOP_OPTIONS]?: ValueOf<typeof STOP_OPTIONS[Name]> }

/** @throws {@link ConfigurationError} with all that is wrong */
export function resolveStop (options: StopOptions): ResolvedOf<typeof STOP_OPTIONS> {
  const from = { variables: {}, defaults: {} }
  const { faults, unknown, resolved } = readOptions('stopOnSignals', STOP_OPTIONS, options, from)
  const all = [...faults, ...unknown.map(({ fault }) => fault)]
  if (all.length > 0) throw new ConfigurationError(all)
  return resolved
}
