import type { EncodedReply } from '../messages/reply'
import type { SessionMessage } from '../session/peer-session-options'
import type { RequestId } from '../session/served-calls'
import { MalformedMessage } from '../transport'
import type { EncodedValue } from '../values/encode-value'

/**
 * What nodes send each other beside the messages of a session: who the sender is, that nothing follows, a question
 * whether all until here was read, its answer, and a piece of a longer message; in a mesh with a secret also the key of
 * the sender's events, and a proof that it has another secret.
 */
export type InboxMessage = SessionMessage | 'hello' | 'gone' | 'mark' | 'marked' | 'piece' | 'key' | 'proof'

/** Those that say nothing of who the sender is. */
export type PeerMessage = Exclude<InboxMessage, 'hello' | 'key' | 'proof'>

const LETTERS: Readonly<Record<InboxMessage, string>> = {
  request: 'q', reply: 'r', cancel: 'c', event: 'e', revision: 'v', done: 'd', end: 'f', hello: 'h', gone: 'g',
  mark: 'm', marked: 'k', piece: 'i', key: 'y', proof: 'p'
}
const KINDS = new Map<string, InboxMessage>()
// Its keys are those of the type.
for (const kind of Object.keys(LETTERS) as InboxMessage[]) KINDS.set(LETTERS[kind], kind)

/** Takes what is read of a text. */
export type OnMessage = (kind: InboxMessage, id: number, body: unknown) => void

/**
 * A message as text: a line with its kind, its id, and the length of each part in characters; then the parts. Texts
 * of values travel as they are: JSON within JSON would be read twice.
 */
export function messageText (kind: InboxMessage, id: RequestId, body: unknown): string {
  const head = `${LETTERS[kind]}${id}`
  if (body === undefined) return `${head}\n`
  // A session sends nothing but these.
  return kind === 'reply' ? replyText(head, body as EncodedReply & { now?: number }) : valueText(head, body)
}

function valueText (head: string, body: unknown): string {
  if (typeof body === 'string') return `${head} S${body.length}\n${body}`
  // A session sends a text, a reply, or an encoded value.
  const { plain, text, beside } = body as EncodedValue
  const tag = plain ? 'P' : 'T'
  return beside === undefined
    ? `${head} ${tag}${text.length}\n${text}`
    : `${head} ${tag}${text.length} B${beside.length}\n${text}${beside}`
}

function replyText (head: string, { error, value, now }: EncodedReply & { now?: number }): string {
  const parts: Array<readonly [tag: string, text: string]> = []
  for (const [each, tags] of [[error, 'ptb'], [value, 'PTB']] as const) {
    if (each === undefined) continue
    parts.push([each.plain ? tags[0] : tags[1], each.text])
    if (each.beside !== undefined) parts.push([tags[2], each.beside])
  }
  const line = parts.map(([tag, text]) => ` ${tag}${text.length}`).join('')
  return `${head}${line}${now === undefined ? '' : ` N${now}`}\n${parts.map(([, text]) => text).join('')}`
}

/** Parts of a message, by their tags. */
type Parts = Record<string, string | undefined>

/**
 * Reads messages, one after another; a peer sent the text, so it may be anything.
 *
 * @param at - where they begin
 * @throws {@link MalformedMessage} for what is no message; those before it have been passed on
 */
export function readMessages (text: string, at: number, onMessage: OnMessage): void {
  let from = at
  while (from < text.length) {
    const end = text.indexOf('\n', from)
    if (end < 0 || end - from > MAX_HEAD_LENGTH) throw new MalformedMessage('a message without a first line')
    const [head, ...tags] = text.slice(from, end).split(' ')
    const kind = KINDS.get(head[0])
    const id = Number(head.slice(1))
    if (kind === undefined || !Number.isSafeInteger(id)) throw new MalformedMessage('a message of an unknown kind')
    const parts: Parts = {}
    from = readParts(text, end + 1, tags, parts)
    onMessage(kind, id, kind === 'reply' ? replyOf(parts) : bodyOf(parts))
  }
}

/** What a message is and its id, by its beginning; undefined for what begins otherwise. */
export function messageHead (text: string): { readonly kind: InboxMessage, readonly id: number } | undefined {
  const [, letter, id] = /^([a-z])(\d{1,16})[ \n]/.exec(text) ?? []
  const kind = KINDS.get(letter)
  return kind === undefined ? undefined : { kind, id: Number(id) }
}

/** The kinds of a session. @throws {@link MalformedMessage} for any other one, as {@link PeerSession} takes no more */
export function sessionKind (kind: InboxMessage): SessionMessage {
  switch (kind) {
    case 'request': case 'reply': case 'cancel': case 'event': case 'revision': case 'done': case 'end': return kind
    default: throw new MalformedMessage('a message of an unknown kind in pieces')
  }
}

/** Characters of the first line of a message; it has five parts at most. */
const MAX_HEAD_LENGTH = 200
const PART = /^[PTBptbSN]\d{1,15}$/

function readParts (text: string, at: number, tags: readonly string[], parts: Parts): number {
  let from = at
  for (const tag of tags) {
    if (!PART.test(tag)) throw new MalformedMessage('a part of an unknown kind')
    if (tag[0] === 'N') {
      parts.N = tag.slice(1)
      continue
    }
    const to = from + Number(tag.slice(1))
    if (to > text.length) throw new MalformedMessage('a message that is cut off')
    parts[tag[0]] = text.slice(from, to)
    from = to
  }
  return from
}

function bodyOf ({ S, P, T, B }: Parts): unknown {
  return S ?? encodedOf(P, T, B)
}

function replyOf ({ P, T, B, p, t, b, N }: Parts): unknown {
  const [error, value] = [encodedOf(p, t, b), encodedOf(P, T, B)]
  return {
    ...error === undefined ? {} : { error },
    ...value === undefined ? {} : { value },
    ...N === undefined ? {} : { now: Number(N) }
  }
}

function encodedOf (plain: string | undefined, table: string | undefined, beside: string | undefined): unknown {
  const text = plain ?? table
  if (text === undefined) return undefined
  const encoded = { plain: plain !== undefined, text }
  return beside === undefined ? encoded : { ...encoded, beside }
}
