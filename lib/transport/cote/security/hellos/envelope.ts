import { fieldsOf, textField } from '../../../../record'

/**
 * A packet of discovery whose content is unreadable without the proof of the mesh. Nodes of feathers-distributed read
 * it as JSON with an event that they don't know, and ignore it.
 */
export interface Envelope {
  /** The environment as cote writes it, by which other meshes on the same port ignore the packet. */
  readonly environment: string
  /** Identifies what it is sealed with. */
  readonly sealedWith: string
  readonly content: Buffer
}

const EVENT = 'mesh:sealed'

/** Writes an envelope. */
export function writeEnvelope ({ environment, sealedWith, content }: Envelope): Buffer {
  return Buffer.from(JSON.stringify({ event: EVENT, environment, sealedWith, content: content.toString('base64') }))
}

/** Reads an envelope; undefined for anything else. */
export function readEnvelope (bytes: Buffer): Envelope | undefined {
  let envelope: unknown
  try {
    envelope = JSON.parse(bytes.toString('utf8'))
  } catch {
    return undefined
  }
  const fields = fieldsOf(envelope)
  const environment = textField(fields, 'environment')
  const sealedWith = textField(fields, 'sealedWith')
  const content = textField(fields, 'content')
  if (fields.event !== EVENT) return undefined
  if (environment === undefined || sealedWith === undefined || content === undefined) return undefined
  return { environment, sealedWith, content: Buffer.from(content, 'base64') }
}
