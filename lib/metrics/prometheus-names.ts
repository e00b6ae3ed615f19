/** The units of OpenTelemetry, as names of Prometheus end with them. Braces are no unit, but a note. */
const UNITS: Readonly<Record<string, string>> = { s: '_seconds' }

/**
 * Names a metric or an attribute of OpenTelemetry by the rules of Prometheus: dots become underscores, then come the
 * unit and, for what only grows, `_total`.
 *
 * @param unit - as OpenTelemetry writes it, such as `s`. @default none
 */
export function prometheusName (name: string, unit = '', isCounter = false): string {
  return `${name.replace(/\W/g, '_')}${UNITS[unit] ?? ''}${isCounter ? '_total' : ''}`
}
