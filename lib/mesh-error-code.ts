/** The codes of the catalogue in docs/errors.md, in its order. */
export const MESH_ERROR_CODES = [
  'MESH_UNAVAILABLE', 'MESH_TOO_MANY_WAITING', 'MESH_NOT_SENT', 'MESH_CONNECTION_LOST', 'MESH_TIMEOUT',
  'MESH_CANCELLED', 'MESH_FORBIDDEN', 'MESH_NOT_OFFERED', 'MESH_INVALID', 'MESH_UNSENDABLE', 'MESH_UNSENDABLE_RESULT',
  'MESH_UNREADABLE_VALUE', 'MESH_BAD_ROUTING', 'MESH_NOT_HOSTED', 'MESH_OVERLOADED', 'MESH_EVENT_NOT_STORED',
  'MESH_CONFIGURATION'
] as const

/**
 * The `data.code` of errors that the mesh itself makes. It stays the same from release to release, and no error that a
 * service throws gets one. docs/errors.md is the catalogue.
 */
export type MeshErrorCode = typeof MESH_ERROR_CODES[number]

/** Whether a value is one of the codes. */
export function isMeshErrorCode (value: unknown): value is MeshErrorCode {
  return MESH_ERROR_CODES.some(code => code === value)
}
