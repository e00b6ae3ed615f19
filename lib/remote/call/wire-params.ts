/**
 * The params that Feathers' transports, the resolvers of @feathersjs/schema and the mesh itself set for this process
 * alone. They never cross the mesh.
 */
const LOCAL_PARAMS = ['connection', 'req', 'res', 'resolve', 'signal', 'deadline', 'caller'] as const

/**
 * The params that travel with a call.
 *
 * @param headers - names of the headers that travel, in lower case; all without it
 */
export function wireParams (
  params: unknown, headers: ReadonlySet<string> | undefined
): Readonly<Record<string, unknown>> | undefined {
  if (!isParams(params)) return undefined
  const hasHeaders = headers !== undefined && 'headers' in params
  if (!hasHeaders && !LOCAL_PARAMS.some(name => name in params)) return params
  const travelling: Record<string, unknown> = { ...params }
  for (const name of LOCAL_PARAMS) delete travelling[name]
  if (hasHeaders) travelling.headers = only(headers, travelling.headers)
  return travelling
}

/** The params of a call that listeners may need: channels of gateways choose by the user. */
const EVENT_PARAMS = ['query', 'user', 'fromRemote'] as const

/**
 * The params of its call that an event carries: the query, the user, and whether another node called. Tokens and
 * headers stay on the host: a node that listens has no use for them.
 */
export function eventParams (params: unknown): Readonly<Record<string, unknown>> | undefined {
  if (!isParams(params)) return undefined
  let carried: Record<string, unknown> | undefined
  for (const name of EVENT_PARAMS) {
    const value = params[name]
    if (value !== undefined) (carried ??= {})[name] = value
  }
  return carried
}

/** Any object: a list is one, too, and travels as it is. */
function isParams (value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function only (names: ReadonlySet<string>, headers: unknown): Record<string, unknown> {
  if (typeof headers !== 'object' || headers === null) return {}
  return Object.fromEntries(Object.entries(headers).filter(([name]) => names.has(name.toLowerCase())))
}
