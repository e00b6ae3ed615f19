import { fieldsOf, isText, numberField, textField, type Fields } from '../../record'
import { MESH_VERSION, nameField } from '../session/control'
import { MalformedMessage } from '../transport'
import { isWhole, tokenOf } from './subjects'

/** What a node says of itself, to all or to one. */
export interface Hello {
  readonly id: string
  readonly key: string
  /** The life of the sender on the server: another one after each lost connection. */
  readonly life: string
  /** Counts the hellos of this life: an earlier one tells nothing new. */
  readonly count: number
  /** Counts the changes of the contracts. */
  readonly revision: number
  /** Whether it asks those who hear it to say hello as well. */
  readonly asks: boolean
  /** Whether it takes no more requests. */
  readonly isLeaving: boolean
}

/** Writes a hello. */
export function helloText ({ id, key, life, count, revision, asks, isLeaving }: Hello): string {
  return JSON.stringify({
    mesh: MESH_VERSION, id, key, life, count, revision, ...asks ? { asks } : {}, ...isLeaving ? { isLeaving } : {}
  })
}

/**
 * Reads a hello: anyone may have sent anything.
 *
 * @param keyToken - the key in the subject, which counts
 * @throws {@link MalformedMessage} for anything else
 */
export function readHello (text: string, keyToken: string): Hello {
  const fields = parse(text)
  const id = tokenField(fields, 'id')
  const key = tokenField(fields, 'key')
  const life = textField(fields, 'life')
  if (id === undefined || key === undefined || life === undefined || !isLife(life)) {
    throw new MalformedMessage('a hello without its fields')
  }
  if (tokenOf(key) !== keyToken) throw new MalformedMessage('a hello with another key than that of its subject')
  const revision = numberField(fields, 'revision') ?? 0
  const count = numberField(fields, 'count') ?? 0
  return { id, key, life, count, revision, asks: fields.asks === true, isLeaving: fields.isLeaving === true }
}

/** A name that is no other one's in a subject. */
function tokenField (fields: Fields, name: string): string | undefined {
  const text = nameField(fields, name)
  return text === undefined || !isWhole(text) ? undefined : text
}

function parse (text: string): Fields {
  try {
    return fieldsOf(JSON.parse(text))
  } catch {
    throw new MalformedMessage('a hello that is no JSON')
  }
}

const LIFE = /^[\w-]{1,32}\.\d{1,10}$/

/** Whether a text can be a {@link lifeOf}. */
export function isLife (text: unknown): text is string {
  return isText(text) && LIFE.test(text)
}

/** Names the n-th life, or the n-th session, of a start of a node. */
export function lifeOf (start: string, n: number): string {
  return `${start}.${n}`
}

/** Whether a life is over when another one is heard of: it came before, in the same start. */
export function isBefore (life: string, other: string): boolean {
  const [start, n] = life.split('.')
  const [otherStart, otherN] = other.split('.')
  return start === otherStart && Number(n) < Number(otherN)
}
