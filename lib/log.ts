import { messageKind, type LogCode, type LogLevel } from './log-codes'
import { MAX_LINE, messageOf, printable } from './printable'

/** The longest text of a message: with what Node puts before a warning, it is a line of the log. */
const MAX_TEXT = MAX_LINE - 70
/** Room for what follows a line that was held back. */
const MAX_SUFFIX = 100
/** Warnings of one code that are remembered, the last ones. */
const MAX_REMEMBERED = 5
/** Characters of a field: paths and addresses fit, and texts that peers make up don't fill the log. */
const MAX_FIELD = 200

/** What a message is about, as far as it is about such a thing. */
export interface LogFields {
  /** The path of a service. */
  readonly path?: string | undefined
  readonly method?: string | undefined
  readonly event?: string | undefined
  /** The id of another node. */
  readonly node?: string | undefined
  /** The key of another node, or that of its service. */
  readonly key?: string | undefined
  /** Where another node, a program, or a server is. */
  readonly address?: string | undefined
  /** The option of this node that it is about. */
  readonly option?: string | undefined
  /** Why something was refused: a name of `counters()`. */
  readonly reason?: string | undefined
  /** The id of a request of an outside client, which its error has as well. */
  readonly requestId?: string | undefined
}

/** What a logger gets beside the message. */
export interface LogRecord extends LogFields {
  readonly code: LogCode
}

/**
 * What messages of a node go to: pino, `console`, or anything with these four methods. What they return is of no
 * interest; a promise may reject.
 */
export type Logger = { [Level in LogLevel]: (record: LogRecord, message: string) => unknown }

/** Decides whether a line that may come often is written now: see `LineLimit`. */
export interface LogLimit {
  admit (line: string): string | undefined
}

/** What the parts of a node tell of what happens. */
export interface NodeLog {
  /**
   * Tells it, in one line without control characters: texts and fields may name what peers have sent.
   *
   * @param limit - for what may happen at each call, or as often as a peer likes: the same text at most once a minute,
   *   and a limited number of others. Without it the caller tells each thing once
   */
  tell (code: LogCode, text: string, fields?: LogFields, limit?: LogLimit): void
  /** Whether anything becomes of messages of a code: some texts are not worth writing otherwise. @default it does */
  takes? (code: LogCode): boolean
  /** What it told as a warning or an error, the latest texts of each code. @default it does not remember */
  warnings? (): readonly LoggedWarning[]
}

/** A warning, or an error, that a node has told its program. */
export interface LoggedWarning {
  /** One of `LOG_CODES`; of a peer, any text. */
  readonly code: string
  readonly text: string
}

/** A log, and the limit of the lines of one kind that may come often. */
export interface LimitedLog {
  readonly log: NodeLog
  readonly limit: LogLimit
}

/** The log of one node: passes messages to the logger of the program, or to the process where there is none. */
export class Log implements NodeLog {
  /** Whether the logger is at work: what it causes itself must not reach it again. */
  private isCalling = false
  /** Whether the process knows that the logger fails. */
  private hasFailed = false
  /** By code, so that what strangers cause does not drive out what the options caused. */
  private readonly remembered = new Map<LogCode, Set<string>>()

  constructor (private readonly logger?: Logger) {}

  tell (code: LogCode, text: string, fields?: LogFields, limit?: LogLimit): void {
    if (!this.takes(code)) return
    const line = printable(text, MAX_TEXT)
    const suffix = limit === undefined ? '' : limit.admit(line)
    if (suffix === undefined) return
    this.remember(code, line)
    const message = suffix === '' ? line : printable(line, MAX_TEXT - MAX_SUFFIX) + suffix
    if (this.logger === undefined || this.isCalling) return tellProcess(code, message)
    this.pass(this.logger, code, message, fields)
  }

  takes (code: LogCode): boolean {
    return this.logger !== undefined || messageKind(code).otherwise !== 'none'
  }

  warnings (): LoggedWarning[] {
    return [...this.remembered].flatMap(([code, texts]) => [...texts].map(text => ({ code, text })))
  }

  private remember (code: LogCode, line: string): void {
    const { level } = messageKind(code)
    if (level !== 'warn' && level !== 'error') return
    const texts = this.remembered.get(code) ?? new Set()
    this.remembered.set(code, texts.add(line))
    for (const oldest of texts) if (texts.size > MAX_REMEMBERED) texts.delete(oldest)
  }

  private pass (logger: Logger, code: LogCode, message: string, fields: LogFields | undefined): void {
    const onFailed = (error: unknown): void => this.onFailed(error, code, message)
    this.isCalling = true
    try {
      // Loggers exchange their methods when their level changes, so it is read each time.
      const returned = logger[messageKind(code).level](recordOf(code, fields), message)
      if (isObject(returned)) new Promise(resolve => { resolve(returned) }).catch(onFailed)
    } catch (error) {
      onFailed(error)
    } finally {
      this.isCalling = false
    }
  }

  /** Nothing that the logger does may harm the node, and what it did not take must not be lost. */
  private onFailed (error: unknown, code: LogCode, message: string): void {
    if (!this.hasFailed) {
      this.hasFailed = true
      tellProcess('FEATHERS_MESH_LOGGER', printable('feathers-mesh: the logger of this node fails ' +
        `(${printable(messageOf(error), MAX_FIELD)}); what it does not take is told here`, MAX_TEXT))
    }
    tellProcess(code, message)
  }
}

/** The log of what belongs to no node with a logger: all goes to the process. */
export const PROCESS_LOG: NodeLog = new Log()

function isObject (value: unknown): boolean {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}

function recordOf (code: LogCode, fields: LogFields = {}): LogRecord {
  const washed = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, printable(messageOf(value), MAX_FIELD)])
  return { code, ...Object.fromEntries(washed) }
}

/** Says it where programs without a logger look. */
function tellProcess (code: LogCode, line: string): void {
  const { otherwise } = messageKind(code)
  if (otherwise === 'none') return
  // eslint-disable-next-line no-console -- the only place
  if (otherwise === 'output') console.log(line)
  else if (otherwise.code === undefined) process.emitWarning(line)
  else process.emitWarning(line, otherwise)
}
