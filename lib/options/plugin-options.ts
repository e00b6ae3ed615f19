import { MAX_TIMER_MS } from '../contract/method-policy'
import { wholeNumber } from '../option-table/kinds'
import type { ValueOf } from '../option-table/option'
import { foreignVariable } from '../option-table/variable'
import { COMMON_OPTIONS, type ServiceFilter } from './common-options'
import { filter, remotePathList } from './option-kinds'
import type { RemoteOfKey } from './remote-paths'

/** Any number below 0 leaves it to the caller, and a timer takes whole milliseconds. */
const delay = foreignVariable('COTE_DELAY', text => {
  const ms = Number(text)
  return ms < 0 ? -1 : Math.trunc(ms)
})

/** The options of the plugin, by the names of feathers-distributed. */
export const PLUGIN_OPTIONS = {
  /** Which services of the app are offered: paths, or a function. @default all */
  services: filter<ServiceFilter>(),
  /**
   * Paths of services of other nodes that are known before they are found: they stay on the app while nobody hosts
   * them, and calls wait for a host, up to their timeout. `{ path: 'todos', key: 'office' }` names the key whose nodes
   * get the calls, and others don't. @default none
   */
  remotes: remotePathList<ReadonlyArray<string | RemoteOfKey>>(),
  /** Time until the plugin joins the mesh; -1 leaves it to `initialize(app)`. @default 0 ms */
  coteDelay: wholeNumber(-1, MAX_TIMER_MS, 'ms').from(delay).or(0),
  ...COMMON_OPTIONS
}

/** The options of the plugin, by the names of feathers-distributed. */
// Mapped here, not by OptionsOf: so messages of the compiler name it instead of its table.
export type DistributionOptions = { [Name in keyof typeof PLUGIN_OPTIONS]?: ValueOf<typeof PLUGIN_OPTIONS[Name]> }
