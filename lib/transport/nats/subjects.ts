import { createHash } from 'node:crypto'

/** Bytes of the longest name in a subject; a longer one is a hash. The server drops who sends too long a subject. */
const MAX_TOKEN_BYTES = 64
/** What no server and no wildcard takes for anything else. */
const PLAIN = /^[\w-]{1,64}$/

/** Half of a character beyond 16 bits. */
const HALF = /\p{Surrogate}/u

/** Whether a name has a token that no other one has: all halves of characters are the same as bytes. */
export function isWhole (name: string): boolean {
  return !HALF.test(name)
}

/**
 * A name as one token of a subject: bytes beyond letters, digits, `_` and `-` become `=XX`, and an empty name `=`.
 * Dots, spaces and wildcards in a name must not lead to other subjects.
 */
export function tokenOf (name: string): string {
  if (PLAIN.test(name)) return name
  const bytes = Buffer.from(name)
  if (bytes.length === 0) return '='
  if (bytes.length > MAX_TOKEN_BYTES) return `=h${createHash('sha256').update(bytes).digest('hex')}`
  let token = ''
  for (const byte of bytes) {
    const character = String.fromCharCode(byte)
    token += PLAIN.test(character) ? character : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return token
}

/** The last token of a subject. */
export function lastToken (subject: string): string {
  return subject.slice(subject.lastIndexOf('.') + 1)
}

/** How paths and events are named in subjects, which everybody on the server may see. */
export interface SubjectNames {
  /** How this node names one. */
  nameToken (name: string): string
  /** All names that other nodes may give it. */
  nameTokens (name: string): readonly string[]
}

const PLAIN_NAMES: SubjectNames = { nameToken: tokenOf, nameTokens: name => [tokenOf(name)] }

/**
 * The subjects of a mesh. In each, the key of who publishes is a token of its own, so that the server can bind a user
 * to a key.
 */
export class Subjects {
  private readonly base: string

  /**
   * @param prefix - where all meshes of the package begin
   * @param names - how paths and events are named
   */
  constructor (prefix: string, environment: string, private readonly names: SubjectNames = PLAIN_NAMES) {
    this.base = `${prefix}.${tokenOf(environment)}`
  }

  /** Where nodes with a key say hello; without one, all nodes. */
  hello (key?: string): string {
    return `${this.base}.hello.${key === undefined ? '*' : tokenOf(key)}`
  }

  /** What a node gets from others with a key; without one, from all. */
  inbox (node: string, key: string, from?: string): string {
    return this.inboxOf(tokenOf(node), tokenOf(key), from)
  }

  /** The same for a node that is known by the tokens of its id and its key alone. */
  inboxOf (nodeToken: string, keyToken: string, from?: string): string {
    return `${this.base}.to.${keyToken}.${nodeToken}.${from === undefined ? '*' : tokenOf(from)}`
  }

  /** Where the server tells a node that nobody listens any more to what it sent. */
  unheard (node: string, key: string, reference = '*'): string {
    return `${this.base}.unheard.${tokenOf(key)}.${tokenOf(node)}.${reference}`
  }

  /** The events of a path, of publishers with any key. */
  events (path: string): readonly string[] {
    return this.names.nameTokens(path).map(token => `${this.base}.event.*.${token}.*`)
  }

  /** One event of a path. */
  event (key: string, path: string, event: string): string {
    const { names } = this
    return `${this.base}.event.${tokenOf(key)}.${names.nameToken(path)}.${names.nameToken(event)}`
  }

  /** Where an event is kept. */
  durable (key: string, path: string, event: string): string {
    const { names } = this
    return `${this.base}.durable.${tokenOf(key)}.${names.nameToken(path)}.${names.nameToken(event)}`
  }

  /** Where the events of a group are kept, of publishers with any key: one for each way to name them. */
  durables (path: string, event: string): readonly string[] {
    const events = this.names.nameTokens(event)
    return this.names.nameTokens(path).map((token, n) => `${this.base}.durable.*.${token}.${events[n]}`)
  }

  /** Where the dead letters of a group are kept. */
  dead (path: string, event: string, group: string): string {
    return `${this.base}.dead.${[path, event, group].map(name => this.names.nameToken(name)).join('.')}`
  }

  /** The streams that keep events, and dead letters. No token has a `+`, so that each mesh has its own. */
  stream (kind: 'durable' | 'dead'): { readonly name: string, readonly subject: string } {
    return { name: `${this.base.replaceAll('.', '+')}+${kind}`, subject: `${this.base}.${kind}.>` }
  }

  /** The token of the key in the subject of an event. */
  keyOfEvent (subject: string): string {
    return subject.slice(this.base.length).split('.', 3)[2] ?? ''
  }
}
