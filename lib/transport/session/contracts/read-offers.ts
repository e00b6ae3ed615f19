import { SizedMap } from '../../../collections/sized-map'
import type { ReadOffer } from '../../../contract/read-contract'

/** Characters of the text of all offers that are remembered. Peers choose it. */
const MAX_OFFERS_LENGTH = 262_144

/** How many offers more are remembered than were of use, before that is done for few lists only. */
const CREDIT = 100
/** Then, it is for one of so many: services may come that offer the same. */
const ONE_OF = 16

/**
 * The offers that a node has read, by their text: many services of a mesh offer the same. What is known is not parsed
 * and read again, and all services that offer the same share it.
 */
export class ReadOffers {
  private readonly byText: SizedMap<string, ReadOffer>
  private credit = CREDIT
  private passed = 0

  /** @param maxLength - characters of all that are remembered; beyond it, the oldest is forgotten */
  constructor (maxLength = MAX_OFFERS_LENGTH) {
    this.byText = new SizedMap(Infinity, maxLength, text => text.length)
  }

  /** Whether the next list is worth looking for what is known: not in a mesh where each service offers its own. */
  isWorthwhile (): boolean {
    return this.credit > 0 || ++this.passed % ONE_OF === 0
  }

  /**
   * An offer that was read before.
   *
   * @param text - that of a contract from the end of its path on
   */
  get (text: string): ReadOffer | undefined {
    const read = this.byText.get(text)
    if (read !== undefined && this.credit < CREDIT) this.credit++
    return read
  }

  /** Remembers an offer that was read without a fault. Options are left out: a service has its own. */
  add (text: string, read: ReadOffer): void {
    if (this.credit > 0) this.credit--
    if (text === '' || this.byText.has(text) || read.offer.remoteOptions !== undefined || mayHavePath(text)) return
    // A copy: a part of a text keeps the whole one in memory.
    this.byText.set(Buffer.from(text).toString(), read)
  }
}

/** Whether a field is written twice, or with escapes: that which comes last would be the path. */
function mayHavePath (text: string): boolean {
  return text.includes('"path"') || text.includes('\\')
}
