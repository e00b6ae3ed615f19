/**
 * A packet of discovery that says nothing to those who can't open it. For old nodes it is JSON with an event
 * that they don't know, which they ignore.
 */
export interface Envelope {
  /** The name of the mesh, as cote writes it into keys: other meshes on the same port pass over it. */
  readonly environment: string
  /** Names what it is sealed with. */
  readonly sealedWith: string
  readonly content: Buffer
}

const EVENT = 'mesh:sealed'

export function writeEnvelope ({ environment, sealedWith, content }: Envelope): Buffer {
  return Buffer.from(JSON.stringify({ event: EVENT, environment, sealedWith, content: content.toString('base64') }))
}

/** Reads an envelope; undefined for everything that is none. */
export function readEnvelope (bytes: Buffer): Envelope | undefined {
  let envelope: unknown
  try {
    envelope = JSON.parse(bytes.toString('utf8'))
  } catch {
    return undefined
  }
  if (typeof envelope !== 'object' || envelope === null) return undefined
  const { event, environment, sealedWith, content } = envelope as Record<string, unknown>
  if (event !== EVENT || typeof environment !== 'string') return undefined
  if (typeof sealedWith !== 'string' || typeof content !== 'string') return undefined
  return { environment, sealedWith, content: Buffer.from(content, 'base64') }
}
