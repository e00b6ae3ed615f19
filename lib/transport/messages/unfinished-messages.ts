import { LinkedList, type Linked } from '../../collections/linked-list'

/** A message of which only a part has arrived. */
export interface UnfinishedMessage extends Linked<UnfinishedMessage> {
  /** The bytes that have arrived. */
  unfinishedBytes: number
  /** Gives it up, with its connection. */
  giveUp (): void
}

/**
 * The messages of all connections of a node that have not arrived completely. Strangers can begin any number of long
 * ones. Beyond a bound the one that was begun first is given up: an honest message takes no longer than others.
 */
export class UnfinishedMessages {
  private readonly messages = new LinkedList<UnfinishedMessage>()
  private bytes = 0

  /** @param maxBytes - what all of them may have; a single one may have more */
  constructor (private readonly maxBytes: number) {}

  /** Another part of a message has arrived. */
  add (message: UnfinishedMessage, bytes: number): void {
    if (message.unfinishedBytes === 0) this.messages.add(message)
    message.unfinishedBytes += bytes
    this.bytes += bytes
    while (this.bytes > this.maxBytes && this.messages.size > 1) this.messages.first?.giveUp()
  }

  /** A message has arrived, or its connection is closed. */
  delete (message: UnfinishedMessage): void {
    if (message.unfinishedBytes === 0) return
    this.messages.delete(message)
    this.bytes -= message.unfinishedBytes
    message.unfinishedBytes = 0
  }
}
