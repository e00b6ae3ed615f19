import type { SubscriptionAnswer } from '../events/event-counts'
import type { EventSource, SubscriptionsOptions } from '../events/subscriptions-options'
import { Subscriptions } from '../subscriptions'

/**
 * Subscriptions to a peer that is reached by several transports. When what the events come by is lost, they go on by
 * another transport, and the count of the peer tells there what is missing; so the loss is told only if they do not.
 */
export class MovingSubscriptions extends Subscriptions {
  private owesLoss = false

  /** @param goesOn - whether events can come by another transport */
  constructor (options: SubscriptionsOptions, private readonly goesOn: () => boolean) {
    super(options)
  }

  /** Whether events may be missed that nobody has told. */
  get mayMiss (): boolean {
    return this.wasLost
  }

  /** Whether one of the sources in use has a property. */
  uses (is: (source: EventSource) => boolean): boolean {
    return this.sources.some(source => source !== undefined && is(source))
  }

  /** There is no other transport any more. */
  giveUp (): void {
    if (this.owesLoss) this.tellNow()
  }

  protected override onLost (): void {
    if (this.goesOn()) this.owesLoss = true
    else this.tellNow()
  }

  protected override begin (source: EventSource, answer: SubscriptionAnswer | undefined, mayHaveMissed: boolean): void {
    this.owesLoss = false
    super.begin(source, answer, mayHaveMissed)
  }

  private tellNow (): void {
    this.owesLoss = false
    this.tellLoss()
  }
}
