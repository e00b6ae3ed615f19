import { isText } from '../../record'
import { isOptions } from '../../option-table/given'
import { MAX_PORT, only } from '../../option-table/kinds'
import type { MeshOptions } from '../../feathers/mesh-settings'

/** Where probes are answered: on the app, or nowhere; with a port there as well. */
export type HealthOption = boolean | {
  /** From 1 to 65535. */
  readonly port: number
  /** @default the address that this node listens on for other nodes */
  readonly host?: string
}

const NAMES = ['port', 'host']

function isHealthOption (value: unknown): boolean {
  if (typeof value === 'boolean') return true
  if (!isOptions(value) || !Object.keys(value).every(name => NAMES.includes(name))) return false
  const { port, host }: { readonly port?: unknown, readonly host?: unknown } = value
  return Number.isInteger(port) && Number(port) >= 1 && Number(port) <= MAX_PORT && (host === undefined || isText(host))
}

/** The option `health`. */
export const healthOption = only<HealthOption>(
  'true, false, or { port, host }, of which host may be left out', isHealthOption
)

/** A path without anything that a router would take for a pattern. */
const PATH = /^(?:\/[\w.~-]+)+$/
const TAKEN = ['/livez', '/readyz']

/** The option `metricsPath`. */
export const metricsPathOption = only<string>(
  "a path such as '/metrics', other than those of the probes",
  value => typeof value === 'string' && PATH.test(value) && !TAKEN.includes(value)
)

/** @param address - what the node listens on for other nodes */
export function toProbes (
  health: HealthOption, metricsPath: string | undefined, address: string
): MeshOptions['probes'] {
  if (typeof health === 'boolean') return { areOnApp: health, place: undefined, metricsPath }
  return { areOnApp: true, place: { port: health.port, host: health.host ?? address }, metricsPath }
}
