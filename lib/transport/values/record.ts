/** Whether something is an object that is no list; whatever a peer sent may be anything. */
export function isRecord (value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
