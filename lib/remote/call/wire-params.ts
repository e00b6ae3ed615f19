/**
 * What Feathers' transports, the resolvers of @feathersjs/schema and the mesh itself put into params for this process
 * alone; it never crosses the mesh.
 */
const LOCAL_PARAMS = ['connection', 'req', 'res', 'resolve', 'signal', 'deadline', 'caller'] as const

/**
 * The params that travel with a call.
 *
 * @param headers - names of those that do, in lower case; all without it
 */
export function wireParams (
  params: unknown, headers: ReadonlySet<string> | undefined
): Readonly<Record<string, unknown>> | undefined {
  if (typeof params !== 'object' || params === null) return undefined
  const hasHeaders = headers !== undefined && 'headers' in params
  if (!hasHeaders && !LOCAL_PARAMS.some(name => name in params)) return params as Record<string, unknown>
  const travelling: Record<string, unknown> = { ...params }
  for (const name of LOCAL_PARAMS) delete travelling[name]
  if (hasHeaders) travelling.headers = only(headers, travelling.headers)
  return travelling
}

/** What listeners may need of the params of a call: channels of gateways choose by the user. */
const EVENT_PARAMS = ['query', 'user', 'fromRemote'] as const

/**
 * The params that an event tells of its call: what was asked, for which user, and whether another node asked. By what
 * right is for the host alone: a node that listens has no use for tokens and headers.
 */
export function eventParams (params: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof params !== 'object' || params === null) return undefined
  let told: Record<string, unknown> | undefined
  for (const name of EVENT_PARAMS) {
    const value = (params as Record<string, unknown>)[name]
    if (value !== undefined) (told ??= {})[name] = value
  }
  return told
}

function only (names: ReadonlySet<string>, headers: unknown): Record<string, unknown> {
  if (typeof headers !== 'object' || headers === null) return {}
  return Object.fromEntries(Object.entries(headers).filter(([name]) => names.has(name.toLowerCase())))
}
