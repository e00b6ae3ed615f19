import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import { Inflow } from '../../../lib/transport/nats/inflow'
import { messageText, readMessages, type InboxMessage } from '../../../lib/transport/nats/message-text'
import { MalformedMessage } from '../../../lib/transport/transport'

const PART = 32
const KINDS: readonly InboxMessage[] = [
  'request', 'reply', 'cancel', 'event', 'revision', 'done', 'end', 'hello', 'gone', 'mark', 'marked', 'piece', 'key',
  'proof'
]
const BROKEN = 'no message\n'

/** An inflow, and what it passed on and rejected, in this order. */
class World {
  readonly log: string[] = []
  /** What passing a message on brings about. */
  onMessage: (logged: string) => void = () => {}

  readonly inflow = new Inflow((reason, address, detail) => { this.log.push(`${reason} ${address} ${detail}`) })

  private readonly reader = this.inflow.reader((subject, bytes) => {
    this.inflow.read(bytes.toString(), 0, (kind, id) => this.pass(`${subject} ${kind} ${id}`))
  })

  private readonly whole = this.inflow.reader((subject, bytes) => {
    readMessages(bytes.toString(), 0, (kind, id) => this.pass(`${subject} ${kind} ${id}`))
  })

  take (text: string, subject = 'inbox'): void {
    this.reader(subject, Buffer.from(text))
  }

  /** The same for a subject whose messages are passed on at once. */
  takeWhole (text: string, subject: string): void {
    this.whole(subject, Buffer.from(text))
  }

  private pass (logged: string): void {
    this.log.push(logged)
    this.onMessage(logged)
  }
}

const textOf = (count: number, kind: InboxMessage = 'request', first = 0): string =>
  Array.from({ length: count }, (_, n) => messageText(kind, first + n, undefined)).join('')

const logOf = (count: number, first = 0): string[] =>
  Array.from({ length: count }, (_, n) => `inbox request ${first + n}`)

const MALFORMED = 'malformedFrame nats a message of an unknown kind'

describe('what comes to a node', () => {
  let world: World
  beforeEach(() => {
    world = new World()
    // Otherwise a machine that is busy would have the rest passed on at once.
    jest.spyOn(performance, 'now').mockReturnValue(0)
  })
  afterEach(() => jest.restoreAllMocks())

  it('is passed on at once, and no turn of the event loop later, when it is 32 messages or fewer', async () => {
    const later = jest.spyOn(globalThis, 'setImmediate')
    for (const count of [1, PART]) {
      world.log.splice(0)
      world.take(textOf(count))
      expect(world.log).toEqual(logOf(count))
    }
    expect(later).not.toHaveBeenCalled()
    later.mockRestore()
  })

  it('is passed on 32 messages in each turn of the event loop when it is more', async () => {
    world.take(textOf(2 * PART + 3))
    for (const count of [PART, 2 * PART]) {
      expect(world.log).toEqual(logOf(count))
      await nextTurn()
    }
    expect(world.log).toEqual(logOf(2 * PART + 3))
  })

  it('lets what the first messages bring about happen before the rest is passed on', async () => {
    const seen: number[] = []
    world.onMessage = () => void Promise.resolve().then(() => seen.push(world.log.length))
    world.take(textOf(2 * PART))
    await nextTurn()
    expect(seen[0]).toBe(PART)
  })

  it('is passed on to the end, before deadlines pass, where the program works long on the first messages', async () => {
    jest.restoreAllMocks()
    world.onMessage = () => { for (const start = performance.now(); performance.now() < start + 1;); }
    world.take(textOf(4 * PART))
    await nextTurn()
    expect(world.log).toEqual(logOf(4 * PART))
  })

  it('is passed on before what comes next, on whichever subject and of whomever', () => {
    world.take(textOf(100))
    world.takeWhole(textOf(1, 'event'), 'events')
    world.take(textOf(40, 'request', 100))
    world.takeWhole('', 'unheard')
    expect(world.log).toEqual([...logOf(100), 'events event 0', ...logOf(40, 100)])
  })

  it('is passed on in single parts when another text follows in the turn in which one was finished', async () => {
    world.take(textOf(PART + 1))
    world.take(textOf(3 * PART, 'request', PART + 1))
    expect(world.log).toHaveLength(2 * PART + 1)
    await nextTurn()
    expect(world.log).toHaveLength(3 * PART + 1)
    await nextTurn()
    expect(world.log).toEqual(logOf(4 * PART + 1))
  })

  it('is counted where it is malformed in a later turn as in the first one, and nothing of it follows', async () => {
    for (const before of [3, PART + 3]) {
      world.log.splice(0)
      world.take(textOf(before) + BROKEN + textOf(50))
      await nextTurn()
      expect(world.log).toEqual([...logOf(before), MALFORMED])
    }
  })

  it('does not keep what comes next from being read when the rest of the last text is malformed', () => {
    world.take(textOf(PART) + BROKEN)
    world.take(textOf(2, 'request', PART))
    expect(world.log).toEqual([...logOf(PART), MALFORMED, ...logOf(2, PART)])
  })

  it('is counted where passing it on fails in a later turn, and what comes next is read', async () => {
    world.onMessage = logged => { if (logged === `inbox request ${PART + 1}`) throw new Error('a bug') }
    world.take(textOf(50))
    await nextTurn()
    world.take(textOf(1))
    expect(world.log).toEqual([...logOf(PART + 2), 'containedFault nats a bug', 'inbox request 0'])
  })

  it('keeps its parts when a message makes the node finish what waits', async () => {
    world.onMessage = () => world.inflow.finish()
    world.take(textOf(3 * PART))
    expect(world.log).toEqual(logOf(PART))
    await nextTurn()
    await nextTurn()
    expect(world.log).toEqual(logOf(3 * PART))
  })

  it('is passed on when the node leaves, and all at once from then on', async () => {
    world.take(textOf(50))
    world.inflow.end()
    expect(world.log).toEqual(logOf(50))
    world.take(textOf(50, 'request', 50))
    expect(world.log).toEqual(logOf(100))
    await nextTurn()
    expect(world.log).toEqual(logOf(100))
  })

  it('comes to the same, in the same order, as it does without parts', async () => {
    const steps = fc.array(anyStep, { maxLength: 8 })
    await fc.assert(fc.asyncProperty(steps, fc.option(fc.nat(8)), async (steps, endAt) => {
      world = new World()
      const model = new Model(world)
      for (const [n, step] of steps.entries()) {
        if (n === endAt) model.end()
        model.take(step)
        await model.wait(step)
      }
      for (let turns = 0; turns < 6; turns++) await nextTurn()
      expect(world.log).toEqual(model.expected)
    }), { numRuns: 300 })
  }, 60_000)
})

/** A text that comes, and what happens before the next one does. */
interface Step {
  readonly subject: string
  readonly kinds: readonly InboxMessage[]
  /** Where a message is malformed, if the text has so many. */
  readonly brokenAt: number | null
  /** Whether it comes on a subject whose messages are passed on at once. */
  readonly isWhole: boolean
  readonly turns: number
  readonly finishes: boolean
}

const anyStep: fc.Arbitrary<Step> = fc.record({
  subject: fc.constantFrom('inbox', 'hello', 'another inbox'),
  kinds: fc.array(fc.constantFrom(...KINDS), { maxLength: 120 }),
  brokenAt: fc.option(fc.nat(140)),
  isWhole: fc.boolean(),
  turns: fc.constantFrom(0, 0, 1, 2, 6),
  finishes: fc.boolean()
})

/** What an inflow would have passed on if it knew no parts. */
class Model {
  readonly expected: string[] = []
  private sent = 0
  private hasEnded = false

  constructor (private readonly world: World) {}

  take ({ subject, kinds, brokenAt, isWhole }: Step): void {
    const messages = kinds.map(kind => messageText(kind, this.sent++, kind === 'hello' ? 'a\nhello' : undefined))
    if (brokenAt !== null && brokenAt < messages.length) messages[brokenAt] = BROKEN
    const text = messages.join('')
    passWithoutParts(text, subject, this.expected)
    if (isWhole) this.world.takeWhole(text, subject)
    else this.world.take(text, subject)
    this.check(isWhole || this.hasEnded)
  }

  async wait ({ turns, finishes }: Step): Promise<void> {
    for (let left = turns; left > 0; left--) await nextTurn()
    if (finishes) this.world.inflow.finish()
    this.check(finishes || turns === 6)
  }

  end (): void {
    this.hasEnded = true
    this.world.inflow.end()
    this.check(true)
  }

  /** What waits is the end of the last text, and nothing before it. */
  private check (isAll: boolean): void {
    const { log } = this.world
    expect(log).toEqual(isAll ? this.expected : this.expected.slice(0, log.length))
  }
}

function passWithoutParts (text: string, subject: string, log: string[]): void {
  try {
    readMessages(text, 0, (kind, id) => log.push(`${subject} ${kind} ${id}`))
  } catch (error) {
    if (!(error instanceof MalformedMessage)) throw error
    log.push(`malformedFrame nats ${error.message}`)
  }
}
