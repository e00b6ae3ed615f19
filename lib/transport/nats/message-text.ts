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

/** The letters of the parts of a value, and of an error. */
const VALUE_TAGS = { plain: 'P', table: 'T', beside: 'B' }
const ERROR_TAGS = { plain: 'p', table: 't', beside: 'b' }

type PartTags = typeof VALUE_TAGS

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
  const value = body as EncodedValue
  return `${head}${lengthsOf(value, VALUE_TAGS)}\n${textsOf(value)}`
}

function replyText (head: string, { error, value, now }: EncodedReply & { now?: number }): string {
  let [line, texts] = [head, '']
  if (error !== undefined) {
    line += lengthsOf(error, ERROR_TAGS)
    texts = textsOf(error)
  }
  if (value !== undefined) {
    line += lengthsOf(value, VALUE_TAGS)
    texts += textsOf(value)
  }
  return `${now === undefined ? line : `${line} N${now}`}\n${texts}`
}

function lengthsOf ({ plain, text, beside }: EncodedValue, tags: PartTags): string {
  const lengths = ` ${plain ? tags.plain : tags.table}${text.length}`
  return beside === undefined ? lengths : `${lengths} ${tags.beside}${beside.length}`
}

function textsOf ({ text, beside }: EncodedValue): string {
  return beside === undefined ? text : text + beside
}

/**
 * Reads messages, one after another; a peer sent the text, so it may be anything.
 *
 * @param at - where they begin
 * @throws {@link MalformedMessage} for what is no message; those before it have been passed on
 */
export function readMessages (text: string, at: number, onMessage: OnMessage): void {
  new MessageReader(text, at, onMessage).read(Infinity)
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
/** Digits of a number in it, at most. */
const MAX_DIGITS = 16
const ZERO = 48

type Parts = { -readonly [Name in keyof EncodedValue]: EncodedValue[Name] }

/** What the parts of a message make up. */
class Body {
  error: Parts | undefined = undefined
  value: Parts | undefined = undefined
  now: number | undefined = undefined
  text: string | undefined = undefined

  /** @param tag - the letter of a part */
  add (tag: string, text: string): void {
    switch (tag) {
      case 'P': case 'T':
        this.value = { plain: tag === 'P', text }
        return
      case 'p': case 't':
        this.error = { plain: tag === 'p', text }
        return
      case 'B': return addBeside(this.value, text)
      case 'b': return addBeside(this.error, text)
      case 'S':
        this.text = text
        return
      default: throw new MalformedMessage('a part of an unknown kind')
    }
  }

  /** That of a reply. */
  get reply (): unknown {
    const { error, value, now } = this
    return { error, value, now }
  }
}

function addBeside (parts: Parts | undefined, beside: string): void {
  if (parts === undefined) throw new MalformedMessage('a part that belongs to no other')
  parts.beside = beside
}

/** Reads one message after another. It goes by characters: each call and each event is read here. */
export class MessageReader {
  /** @param at - where the messages begin */
  constructor (private readonly text: string, private at: number, private readonly onMessage: OnMessage) {}

  /**
   * Passes on the next messages.
   *
   * @param most - how many
   * @returns whether there are more
   * @throws {@link MalformedMessage} for what is no message; those before it have been passed on
   */
  read (most: number): boolean {
    for (let left = most; left > 0 && this.at < this.text.length; left--) this.readOne()
    return this.at < this.text.length
  }

  private readOne (): void {
    const { text, at, onMessage } = this
    const end = text.indexOf('\n', at)
    if (end < 0 || end - at > MAX_HEAD_LENGTH) throw new MalformedMessage('a message without a first line')
    const kind = KINDS.get(text[at])
    if (kind === undefined) throw new MalformedMessage('a message of an unknown kind')
    this.at++
    const id = this.readNumber()
    const body = this.readBody(end)
    onMessage(kind, id, kind === 'reply' ? body.reply : body.text ?? body.value)
  }

  private readBody (end: number): Body {
    const body = new Body()
    let from = end + 1
    while (this.at < end) {
      if (this.text[this.at] !== ' ') throw new MalformedMessage('a first line that is none')
      const tag = this.text[this.at + 1]
      this.at += 2
      const number = this.readNumber()
      if (tag === 'N') {
        body.now = number
        continue
      }
      const to = from + number
      if (to > this.text.length) throw new MalformedMessage('a message that is cut off')
      body.add(tag, this.text.slice(from, to))
      from = to
    }
    this.at = from
    return body
  }

  private readNumber (): number {
    const { text, at } = this
    let value = 0
    let next = at
    for (;; next++) {
      const digit = text.charCodeAt(next) - ZERO
      // There is no digit behind the end of the text, either.
      if (!(digit >= 0 && digit <= 9)) break
      value = 10 * value + digit
    }
    if (next === at || next - at > MAX_DIGITS || !Number.isSafeInteger(value)) {
      throw new MalformedMessage('a number that is none')
    }
    this.at = next
    return value
  }
}
