import type { Socket } from 'node:net'
import { Connection } from '../../../../../lib/transport/cote/wire/connection'
import { PING } from '../../../../../lib/transport/session/control'
import { json, string } from '../../../../../lib/transport/cote/wire/arguments'
import { OutboundConnection } from '../../../../../lib/transport/cote/outbound/outbound-connection'
import { Liveness } from '../../../../../lib/transport/cote/outbound/watch/liveness'
import { OpenSecurity } from '../../../../../lib/transport/cote/security/open-security'
import { until } from '../../../../until'
import { argumentsOf } from '../../collect'
import { Sockets } from '../../sockets'
import { frame } from '../../wire'

const sockets = new Sockets()
const security = new OpenSecurity({ environment: '', onRejected: () => {} })
const links: OutboundConnection[] = []

afterEach(() => { for (const link of links.splice(0)) link.destroy() })

/** One connection as the peer has it. */
class Accepted {
  /** The kinds of requests that came, and what is not answered yet. */
  readonly asked: string[] = []
  private readonly open: string[] = []
  private readonly connection: Connection

  /** @param answers - whether it answers automatically */
  constructor (readonly socket: Socket, private readonly answers: boolean) {
    this.connection = new Connection(socket, {
      maxMessageSize: 2 ** 20,
      onFrame: frame => {
        const [{ type }, id] = argumentsOf(frame) as [{ type: string }, string]
        this.asked.push(type)
        this.open.push(id)
        if (this.answers) this.answer()
      },
      onClose: () => {}
    })
    socket.resume()
  }

  /** How often the peer was asked for a sign of life. */
  get pings (): number {
    return this.asked.filter(type => type === PING).length
  }

  /** Answers all that is open. */
  answer (): void {
    for (const id of this.open.splice(0)) this.connection.send(json(null), json(true), string(id))
  }
}

/** A liveness with the connection that it watches, and a peer that answers on those connections that the test names. */
class Watched {
  readonly dead: OutboundConnection[] = []
  readonly dialled: OutboundConnection[] = []
  readonly accepted: Accepted[] = []
  readonly liveness = new Liveness({
    dial: () => {
      const link = this.dial()
      this.dialled.push(link)
      return link
    },
    onDead: fresh => this.dead.push(fresh)
  })
  link!: OutboundConnection
  /** Whether connections that are dialled get ready. */
  opens = true
  private port = 0

  private constructor (private readonly answersOn: readonly number[]) {}

  /**
   * The peer has said something on the watched connection.
   *
   * @param answersOn - the connections on which the peer answers, counted from the watched one, which is 0
   */
  static async start (...answersOn: number[]): Promise<Watched> {
    const watched = await Watched.startSilently(...answersOn)
    await watched.say()
    return watched
  }

  /** Nothing has ever come by the watched connection. */
  static async startSilently (...answersOn: number[]): Promise<Watched> {
    const watched = new Watched(answersOn)
    const { port } = await sockets.listen(socket => {
      watched.accepted.push(new Accepted(socket, watched.answersOn.includes(watched.accepted.length)))
    })
    watched.port = port
    watched.link = watched.dial()
    await until(() => watched.link.opened && watched.accepted.length === 1)
    return watched
  }

  /** Checks this number of times, as a node does once a second. */
  check (times = 1): void {
    for (let n = 0; n < times; n++) this.liveness.check(this.link)
  }

  /** Lets a call wait on the connection. */
  async call (): Promise<void> {
    this.link.request({ method: 'find', key: 'default', path: 'todos' }, { settle: () => {}, fail: () => {} })
    await until(() => this.accepted[0]?.asked.includes('find'))
  }

  /** Says something on the watched connection. */
  async say (): Promise<void> {
    const { bytesRead } = this.link
    const [{ socket } = {}] = this.accepted
    socket?.write(frame('s:no reply', 's:of ours'))
    await until(() => this.link.bytesRead > bytesRead)
  }

  private dial (): OutboundConnection {
    const link: OutboundConnection = new OutboundConnection({
      key: 'default', address: '127.0.0.1', port: this.port,
      security: {
        credential: () => security.credential(),
        dial: (place, onReady) => security.dial(place, this.opens ? onReady : () => {})
      },
      connectTimeout: 3_000, maxMessageSize: 2 ** 20,
      maxBacklog: 2 ** 20, isMeshNode: true, onEvent: () => {}, onGoodbye: () => {},
      onClose: () => this.liveness.closed(link)
    })
    links.push(link)
    return link
  }
}

describe('a connection that receives data', () => {
  it('is not checked, whatever waits on it', async () => {
    const watched = await Watched.start()
    await watched.call()
    for (let n = 0; n < 10; n++) {
      watched.check()
      await watched.say()
    }
    expect(watched.accepted[0]?.pings).toBe(0)
    expect(watched.dialled).toEqual([])
  })

  it('is not checked further when the data is the answer to a ping', async () => {
    const watched = await Watched.start(0)
    for (let n = 1; n <= 3; n++) {
      watched.check(6)
      await until(() => watched.accepted[0]?.pings === n && watched.link.waiting === 0)
    }
    expect(watched.dialled).toEqual([])
  })
})

describe('a connection that receives nothing', () => {
  it('is pinged once at the second check while calls wait', async () => {
    const watched = await Watched.start()
    await watched.call()
    watched.check(1)
    expect(watched.link.waiting).toBe(1)
    watched.check(2)
    await until(() => watched.accepted[0]?.pings === 1)
    expect(watched.link.waiting).toBe(2)
    expect(watched.dialled).toEqual([])
  })

  it('is pinged only at the sixth check when no calls wait, as events may be rare', async () => {
    const watched = await Watched.start()
    watched.check(5)
    expect(watched.link.waiting).toBe(0)
    watched.check(1)
    expect(watched.link.waiting).toBe(1)
  })

  it('is pinged only at the eleventh check when nothing has ever come by it, as its peer may be busy', async () => {
    const watched = await Watched.startSilently()
    await watched.call()
    watched.check(10)
    expect(watched.link.waiting).toBe(1)
    watched.check(1)
    expect(watched.link.waiting).toBe(2)
  })

  it('is not suspected while it is being established', async () => {
    const watched = await Watched.start()
    const { port } = await sockets.listen()
    const unopened = new OutboundConnection({
      key: 'default', security, address: '127.0.0.1', port,
      connectTimeout: 3_000, maxMessageSize: 2 ** 20, maxBacklog: 2 ** 20, isMeshNode: true,
      onEvent: () => {}, onGoodbye: () => {}, onClose: () => {}
    })
    links.push(unopened)
    unopened.request({ method: 'find', key: 'default', path: 'todos' }, { settle: () => {}, fail: () => {} })
    for (let n = 0; n < 20; n++) watched.liveness.check(unopened)
    expect(unopened.waiting).toBe(1)
    expect(watched.dialled).toEqual([])
  })

  it('is checked from the beginning when another connection takes over', async () => {
    const watched = await Watched.start()
    watched.check(8)
    const [dialled] = watched.dialled
    expect(dialled?.closed).toBe(false)
    const other = (await Watched.start()).link
    watched.liveness.check(other)
    expect(dialled?.closed).toBe(true)
    for (let n = 0; n < 4; n++) watched.liveness.check(other)
    expect(other.waiting).toBe(0)
    expect(watched.dialled).toHaveLength(1)
  })
})

describe('a peer that does not answer pings', () => {
  it('is reached over a new connection, which replaces the old one once, when it answers there', async () => {
    const watched = await Watched.start(1)
    await watched.call()
    watched.check(3)
    expect(watched.dialled).toEqual([])
    watched.check(1)
    expect(watched.dialled).toHaveLength(1)
    // Later looks don't make more of them.
    watched.check(2)
    await until(() => watched.dead.length > 0)
    expect(watched.dead).toEqual(watched.dialled)
    expect(watched.dialled).toHaveLength(1)
    // It is in use now, and nobody else's to close.
    watched.liveness.stop()
    watched.liveness.closed(watched.link)
    expect(watched.dead[0]?.closed).toBe(false)
    // Nor did the old one end by this: what waits on it is for who uses it to end.
    expect(watched.link.closed).toBe(false)
  })

  it('keeps its old connection when it does not answer on a new one either', async () => {
    const watched = await Watched.start()
    await watched.call()
    watched.check(4)
    await until(() => watched.accepted[1]?.pings === 1)
    // The peer has taken that one, and may have no time yet to answer on any.
    watched.check(30)
    expect(watched.dialled[0]?.closed).toBe(false)
    watched.check(1)
    expect(watched.dialled[0]?.closed).toBe(true)
    expect([watched.dead, watched.link.closed]).toEqual([[], false])

    // It is looked for again and again.
    watched.check(1)
    expect(watched.dialled).toHaveLength(2)
  })

  it('is tried on another connection sooner where there is no new one yet', async () => {
    const watched = await Watched.start()
    await watched.call()
    watched.opens = false
    watched.check(4)
    watched.check(5)
    expect(watched.dialled[0]?.closed).toBe(false)
    watched.check(1)
    expect(watched.dialled[0]?.closed).toBe(true)
  })

  it('keeps its old connection when data arrives there just before the new one would replace it', async () => {
    const watched = await Watched.start()
    await watched.call()
    watched.check(4)
    await until(() => watched.accepted[1]?.pings === 1)
    // Before the answer on the new one, so that it is there before that has counted for long enough.
    const said = watched.say()
    watched.accepted[1]?.answer()
    await said
    await until(() => watched.dialled[0]?.closed)
    expect([watched.dead, watched.link.closed]).toEqual([[], false])
  })

  it('keeps its old connection when it answers there while the new one is silent', async () => {
    const watched = await Watched.start()
    await watched.call()
    watched.check(4)
    await watched.say()
    watched.check(1)
    expect(watched.dialled[0]?.closed).toBe(true)
  })
})

describe('the liveness check', () => {
  it('ends with the connection, and closes the new one', async () => {
    const watched = await Watched.start()
    await watched.call()
    watched.check(4)
    watched.link.destroy()
    await until(() => watched.dialled[0]?.closed)
    expect(watched.dead).toEqual([])
  })

  it('continues with another new connection when one fails', async () => {
    const watched = await Watched.start(2)
    await watched.call()
    watched.check(4)
    await until(() => watched.accepted[1])
    watched.accepted[1]?.socket.destroy()
    await until(() => watched.dialled[0]?.closed)
    await until('the next one', () => {
      if (watched.dialled.length === 1) watched.check()
      return watched.dead.length > 0
    })
    expect(watched.dead).toEqual([watched.dialled[1]])
  })

  it('replaces nothing after it is stopped', async () => {
    const watched = await Watched.start(1)
    await watched.call()
    const timers = jest.spyOn(global, 'setTimeout')
    const cleared = jest.spyOn(global, 'clearTimeout')
    watched.check(4)
    const lastChance = await until('the last chance', () => {
      return timers.mock.results.find((_, n) => timers.mock.calls[n]?.[1] === 200)?.value as NodeJS.Timeout | undefined
    })
    watched.liveness.stop()
    expect(cleared).toHaveBeenCalledWith(lastChance)
    timers.mockRestore()
    cleared.mockRestore()
    expect(watched.dialled[0]?.closed).toBe(true)
    expect(watched.dead).toEqual([])
  })
})
