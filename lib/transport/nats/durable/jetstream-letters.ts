import { messageOf } from '../../../printable'
import { letterText, readLetter, withoutMessage } from '../../durable/stored-text'
import {
  NotStored, type DeadLetter, type DeadLetters, type DurableGroup, type LetterSelection, type OpenedLetter,
  type StoredEvent
} from '../../event-store'
import type { EventMessage } from '../../transport'
import type { DurableSeal } from './durable-seal'
import { isNotFound, type JsManager, type JsStored } from './jetstream'
import type { PendingStores } from './pending-stores'
import type { StreamPlace } from './streams'

const DEFAULT_LIMIT = 100

/** What {@link JetStreamLetters} need of their store. */
export interface LettersOptions {
  readonly stream: StreamPlace
  readonly subjectOf: (group: Pick<DurableGroup, 'path' | 'event' | 'group'>) => string
  readonly seal: DurableSeal
  readonly pending: PendingStores
  /** Asks for a connection. @throws NotStored where there is none */
  readonly manager: () => Promise<JsManager>
  /** Keeps an event once more. @param id - the server keeps it once */
  readonly publish: (message: EventMessage, id: string) => Promise<void>
  /** A letter can't be read. */
  readonly onUnreadable: (reason: string) => void
}

/** The dead letters that a server keeps. */
export class JetStreamLetters implements DeadLetters {
  constructor (private readonly options: LettersOptions) {}

  /** Makes a dead letter of an event; the server keeps it once, whoever gives the event up. */
  async bury (group: DurableGroup, { message, sequence, delivery }: StoredEvent, reason: string): Promise<void> {
    const { seal, pending, subjectOf } = this.options
    const { path, event } = group
    const facts = { path, event, group: group.group, reason, deliveries: delivery, sequence }
    const subject = subjectOf(group)
    const id = `${subject} ${sequence}`
    await pending.store({ subject, id, bytes: seal.seal(letterText(facts, message), 'letter') })
  }

  async list ({ after = 0, limit = DEFAULT_LIMIT }: LetterSelection = {}): Promise<readonly DeadLetter[]> {
    const letters: DeadLetter[] = []
    for (let id = after; letters.length < limit;) {
      const stored = await this.find({ seq: id + 1, next_by_subj: this.options.stream.subject })
      if (stored === undefined) break
      id = stored.seq
      const letter = this.read(stored)
      if (letter !== undefined) letters.push(withoutMessage(letter))
    }
    return letters
  }

  async get (id: number): Promise<OpenedLetter | undefined> {
    const stored = await this.find({ seq: id })
    return stored === undefined ? undefined : this.read(stored)
  }

  async resend (id: number): Promise<boolean> {
    const { stream, manager, publish } = this.options
    const letter = await this.get(id)
    if (letter === undefined) return false
    await publish({ ...letter.message, groups: [letter.group] }, `resent ${stream.name} ${id}`)
    await (await manager()).streams.deleteMessage(stream.name, id)
    return true
  }

  private async find (query: Readonly<Record<string, unknown>>): Promise<JsStored | undefined> {
    const { stream, manager } = this.options
    const { streams } = await manager()
    try {
      return await streams.getMessage(stream.name, query) ?? undefined
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw new NotStored(messageOf(error), { cause: error })
    }
  }

  private read ({ seq, time, data }: JsStored): OpenedLetter | undefined {
    try {
      return readLetter(this.options.seal.open(data, 'letter'), { id: seq, time })
    } catch (error) {
      this.options.onUnreadable(messageOf(error))
      return undefined
    }
  }
}
