import { storedText } from '../../../../lib/transport/durable/stored-text'
import type { DurableGroup } from '../../../../lib/transport/event-store'
import type { JsApi, JsConfig, JsMessage, JsMessages } from '../../../../lib/transport/nats/durable/jetstream'
import { StoreMembers } from '../../../../lib/transport/nats/durable/store-members'
import { rejection, until } from '../../../until'

const unexpected = async (): Promise<never> => { throw new Error('not asked for') }
const missing = Object.assign(new Error('consumer not found'), { name: 'JetStreamApiError', status: 404 })
const refused = Object.assign(new Error('no more consumers'), { name: 'JetStreamApiError', status: 400 })

/** A server that gives what a test puts into it. */
class FakeServer implements JsApi {
  readonly made = new Map<string, JsConfig>()
  /** How many events were asked for, each time. */
  readonly asked: number[] = []
  readonly events: JsMessage[] = []
  /** What it was told of events. */
  readonly told: string[] = []
  /** Whether it refuses a consumer, by its filter. */
  refuses: (filter: unknown) => boolean = () => false
  /** Resolves when it may answer. */
  ready = Promise.resolve()

  readonly manager: JsApi['manager'] = {
    streams: {
      info: unexpected, add: unexpected, update: unexpected, getMessage: unexpected, deleteMessage: unexpected
    },
    consumers: {
      async * list () {},
      info: async (_stream, name) => {
        await this.ready
        const config = this.made.get(name)
        if (config === undefined) throw missing
        return { config }
      },
      add: async (_stream, config) => {
        if (this.refuses(config.filter_subject)) throw refused
        this.made.set(String(config.durable_name), config)
      },
      update: async () => {}
    }
  }

  readonly client: JsApi['client'] = {
    publish: unexpected,
    consumers: { get: async () => ({ fetch: async ({ max_messages: max }) => this.fetch(max) }) }
  }

  readonly say = (subject: string, word: string): void => {
    if (word !== '+WPI') this.told.push(`${word} ${subject}`)
  }

  /** Where consumers begin, by their filters. */
  get begins (): Record<string, unknown> {
    return Object.fromEntries([...this.made.values()].map(each => [each.filter_subject, each.deliver_policy]))
  }

  private fetch (max: number): JsMessages {
    this.asked.push(max)
    let close = (): void => {}
    const closed = new Promise<void>(resolve => { close = resolve })
    const given = this.events.splice(0, max)
    const messages = async function * (): AsyncGenerator<JsMessage> {
      yield * given
      if (given.length === 0) await closed
    }
    return Object.assign(messages(), { close: async () => close() })
  }
}

describe('the members of durable groups on a NATS server', () => {
  const reasons: string[] = []
  let filters = ['new']
  let members: StoreMembers
  let server: FakeServer

  beforeEach(() => {
    reasons.splice(0)
    filters = ['new']
    server = new FakeServer()
    members = new StoreMembers({
      subjects: {
        durables: path => filters.map(filter => `${filter}.${path}`),
        stream: () => ({ name: 'stream', subject: '>' })
      },
      open: bytes => Buffer.from(bytes).toString(),
      describe: () => undefined,
      bury: unexpected,
      onUnreadable: reason => reasons.push(reason),
      onFailure: reason => reasons.push(reason)
    })
  })
  afterEach(async () => {
    members.clear()
    await members.leave()
  })

  const group = (path: string, changes: Partial<DurableGroup> = {}): DurableGroup => ({
    path, event: 'shipped', group: 'billing', ordered: false, ackTimeout: 10_000, maxDeliveries: 10, concurrency: 1,
    ...changes
  })
  const ignore = async (): Promise<void> => {}

  function event (path: string, seq: number, delivery = 1): JsMessage {
    const data = Buffer.from(storedText({ path, key: '', event: 'shipped', args: [seq] }))
    return { seq, data, time: new Date(1_000), info: { deliveryCount: delivery }, reply: `${seq}, ${delivery}` }
  }

  it('begin once by a connection, also where one of them can\'t', async () => {
    server.refuses = filter => filter === 'new.a'
    members.add(group('a'), ignore, undefined)
    members.add(group('b'), ignore, undefined)
    expect(await rejection(members.begin(server))).toBe(refused)
    expect(await rejection(members.begin(server))).toBe(refused)
    await until('the other one to ask', () => server.asked.length > 0)
    server.refuses = () => false
    await members.begin(server)
    await until('the first one to ask', () => server.asked.length > 1)
    expect(server.asked).toHaveLength(2)
  })

  it('get no more while the node leaves, whatever its secret is then, and begin again with it', async () => {
    members.add(group('a'), ignore, server)
    await until('it to ask', () => server.asked.length > 0)
    await members.leave()
    filters = ['newest', 'new']
    await members.begin(server)
    members.add(group('b'), ignore, server)
    await new Promise(resolve => setImmediate(resolve))
    expect([server.asked.length, server.made.size]).toEqual([1, 1])
    members.clear()
    await members.begin(server)
    await until('all to ask', () => server.asked.length === 5)
    expect(server.made.size).toBe(4)
  })

  it('begin after a failure where they are added later, and don\'t where they have left meanwhile', async () => {
    server.refuses = () => reasons.length === 0
    members.add(group('a'), ignore, server)
    await until('it to ask', () => server.asked.length > 0)
    expect(reasons).toEqual(['no more consumers'])
    let answer = (): void => {}
    server.ready = new Promise(resolve => { answer = resolve })
    const gone = members.add(group('b'), ignore, server)
    await gone.leave()
    const beside = members.begin(server)
    answer()
    await beside
    await new Promise(resolve => setImmediate(resolve))
    members.add(group('c'), ignore, server)
    await until('the next one', () => server.made.size === 3)
    await until('it to ask', () => server.asked.length > 1)
    expect(server.asked).toHaveLength(2)
  })

  it('get all events that a new secret names, and a new group none of an old one', async () => {
    filters = ['new', 'old']
    server.refuses = filter => filter === 'old.a'
    members.add(group('a'), ignore, undefined)
    await rejection(members.begin(server))
    server.refuses = () => false
    await members.begin(server)
    expect(server.begins).toEqual({ 'new.a': 'new', 'old.a': 'new' })
    filters = ['new', 'old', 'next']
    await members.begin(server)
    expect(server.begins['next.a']).toBe('all')
    filters = ['newest', 'new']
    members.add(group('a'), ignore, undefined)
    await members.begin(server)
    expect(server.begins['newest.a']).toBe('all')
  })

  it('ask for no more events than they handle at once where few deliveries are allowed', async () => {
    const running: Array<() => void> = []
    const wait = async (): Promise<void> => { await new Promise<void>(resolve => { running.push(resolve) }) }
    members.add(group('a', { maxDeliveries: 2, concurrency: 2 }), wait, undefined)
    server.events.push(...[1, 2, 3].map(seq => event('a', seq)))
    await members.begin(server)
    await until('both places to be taken', () => running.length === 2)
    running.shift()?.()
    await until('the next event', () => running.length === 2)
    expect(server.asked).toEqual([2, 1])
    for (const end of running) end()
  })

  it('don\'t handle an event twice that was acknowledged, and another one of its number', async () => {
    const heard: number[] = []
    members.add(group('a'), async ({ sequence }) => { heard.push(sequence) }, undefined)
    const anew = { ...event('a', 1), time: new Date(2_000) }
    server.events.push(event('a', 1), event('a', 1, 2), event('a', 2), anew)
    await members.begin(server)
    await until('all to be told', () => server.told.length === 4)
    expect(server.told).toEqual(['+ACK 1, 1', '+ACK 1, 2', '+ACK 2, 1', '+ACK 1, 1'])
    expect(heard).toEqual([1, 2, 1])
  })

  it('go on with an event while the connection is lost, and tell its end by the next one, once', async () => {
    const running: Array<() => void> = []
    const wait = async (): Promise<void> => { await new Promise<void>(resolve => { running.push(resolve) }) }
    members.add(group('a', { concurrency: 2 }), wait, undefined)
    server.events.push(event('a', 1), event('a', 2))
    await members.begin(server)
    await until('both to begin', () => running.length === 2)
    members.end()
    running[0]()
    await new Promise(resolve => setImmediate(resolve))
    expect(server.told).toEqual([])
    const next = new FakeServer()
    // The server heard nothing of the other one for too long.
    next.events.push(event('a', 2, 2))
    await members.begin(next)
    await until('the question for more', () => next.asked.length === 2)
    expect(next.told).toEqual(['+ACK 1, 1'])
    running[1]()
    await until('its end to be told', () => next.told.length === 2)
    expect(next.told[1]).toBe('+ACK 2, 2')
    expect(running).toHaveLength(2)
  })

  it('tell at once by the next connection what they still handle', async () => {
    const said: string[] = []
    let end = (): void => {}
    members.add(group('a'), async () => { await new Promise<void>(resolve => { end = resolve }) }, undefined)
    server.events.push(event('a', 1))
    await members.begin(server)
    await until('it to begin', () => server.events.length === 0)
    members.end()
    const next = new FakeServer()
    await members.begin(Object.assign(next, { say: (...words: string[]) => said.push(words.join(' ')) }))
    expect(said).toEqual(['1, 1 +WPI'])
    end()
  })
})
