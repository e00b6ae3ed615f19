import { isOptions } from '../../option-table/given'
import { hasMethods, only } from '../../option-table/kinds'
import type { MeshOptions } from '../../feathers/mesh-settings'
import { OpenTelemetry } from '../../telemetry/open-telemetry/open-telemetry'
import { loadApi, type MeterProvider, type TracerProvider } from '../../telemetry/open-telemetry/otel-api'

/** Whether calls and events are traced and measured by OpenTelemetry, and by which SDK. */
export type TelemetryOption = boolean | {
  /** Makes the spans. @default the provider that the program registered */
  readonly tracerProvider?: TracerProvider
  /** Makes the metrics. @default the provider that the program registered */
  readonly meterProvider?: MeterProvider
  /** Whether baggage travels between nodes, in both directions. @default false */
  readonly baggage?: boolean
  /** Whether baggage of outside clients is taken into traces. @default false */
  readonly clientBaggage?: boolean
}

const NAMES = ['tracerProvider', 'meterProvider', 'baggage', 'clientBaggage']

function isTelemetryOption (value: unknown): boolean {
  if (typeof value === 'boolean') return true
  if (!isOptions(value) || !Object.keys(value).every(name => NAMES.includes(name))) return false
  const fields: Readonly<Record<string, unknown>> = { ...value }
  const isProvider = (name: string, method: string): boolean =>
    fields[name] === undefined || hasMethods(fields[name], [method])
  const isSwitch = (name: string): boolean => fields[name] === undefined || typeof fields[name] === 'boolean'
  return isProvider('tracerProvider', 'getTracer') && isProvider('meterProvider', 'getMeter') &&
    isSwitch('baggage') && isSwitch('clientBaggage')
}

/** The option `telemetry`. */
export const telemetryOption = only<TelemetryOption>(
  'true, false, or { tracerProvider, meterProvider, baggage, clientBaggage }, each of which may be left out',
  isTelemetryOption
)

/** What keeps a node from being traced as its options ask for. */
export function telemetryFaults (telemetry: TelemetryOption): string[] {
  const { fault } = telemetry === false ? { fault: undefined } : loadApi()
  return fault === undefined ? [] : [`option 'telemetry' ${fault}`]
}

/** Makes what traces the calls and events of a node; undefined without telemetry. */
export function toTracer (telemetry: TelemetryOption): MeshOptions['makeTracer'] {
  if (telemetry === false) return undefined
  const { api } = loadApi()
  if (api === undefined) return undefined
  const { tracerProvider, meterProvider, baggage = false, clientBaggage = false } = telemetry === true ? {} : telemetry
  const rules = { ofNodes: baggage, ofClients: clientBaggage }
  return known => new OpenTelemetry({ api, tracerProvider, meterProvider, baggage: rules }, known)
}
