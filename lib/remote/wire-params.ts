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

/**
 * The params that an event tells of its call: what was asked, and whether another node asked. Who asked, and by what
 * right, is for the host alone: a node that listens has no use for a token, and may hand on all that it gets.
 */
export function eventParams (params: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof params !== 'object' || params === null) return undefined
  const { query, fromRemote } = params as { readonly query?: unknown, readonly fromRemote?: unknown }
  if (fromRemote !== true) return query === undefined ? undefined : { query }
  return query === undefined ? { fromRemote } : { query, fromRemote }
}

function only (names: ReadonlySet<string>, headers: unknown): Record<string, unknown> {
  if (typeof headers !== 'object' || headers === null) return {}
  return Object.fromEntries(Object.entries(headers).filter(([name]) => names.has(name.toLowerCase())))
}
