/**
 * What Feathers' transports, the resolvers of @feathersjs/schema and the mesh itself put into params for this process
 * alone; it never crosses the mesh.
 */
const LOCAL_PARAMS = ['connection', 'req', 'res', 'resolve', 'signal', 'deadline'] as const

/** The params that travel with a call. */
export function wireParams (params: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof params !== 'object' || params === null) return undefined
  if (!LOCAL_PARAMS.some(name => name in params)) return params as Record<string, unknown>
  const travelling: Record<string, unknown> = { ...params }
  for (const name of LOCAL_PARAMS) delete travelling[name]
  return travelling
}
