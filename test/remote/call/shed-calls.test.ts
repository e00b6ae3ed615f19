import { Attempts } from '../../../lib/remote/call/attempts'
import { setTimeout as delay } from 'node:timers/promises'
import { RequestRefused } from 'feathers-mesh/transport'
import type { Request } from 'feathers-mesh/transport'
import type { Routing } from '../../../lib/remote/balancing/routing'
import { rejection, until } from '../../until'
import { ScriptedMesh, todos, type SentRequest } from '../scripted-transport'

const BUSY = new RequestRefused(new Error('this node serves 1 requests already'), 'busy')

const busy = (sent: SentRequest): void => sent.failWith(BUSY)

/** Replicas that each serve so many calls at a time, and refuse those beyond. */
class BusyReplicas {
  served = 0
  refused = 0
  mostAtATime = 0
  private seen = 0
  private readonly inFlight = new Map<string, number>()
  private over = false

  constructor (private readonly mesh: ScriptedMesh, private readonly max: number, private readonly workMs: number) {}

  /** Serves until it is closed. */
  async serve (): Promise<void> {
    while (!this.over) {
      const { sent } = this.mesh.transport
      while (this.seen < sent.length) {
        const next = sent[this.seen++]
        if (next !== undefined) this.take(next)
      }
      await delay(1)
    }
  }

  close (): void {
    this.over = true
  }

  private take (sent: SentRequest): void {
    const { node } = sent
    const now = this.inFlight.get(node) ?? 0
    if (now >= this.max) {
      this.refused++
      return busy(sent)
    }
    this.inFlight.set(node, now + 1)
    this.mostAtATime = Math.max(this.mostAtATime, now + 1)
    setTimeout(() => {
      this.inFlight.set(node, (this.inFlight.get(node) ?? 0) - 1)
      this.served++
      sent.reply(sent.request.data)
    }, this.workMs)
  }
}

describe('a call that busy replicas refuse', () => {
  it('is tried at each of them, and then again, more often than failures are', async () => {
    const mesh = new ScriptedMesh({ retries: 2, retryDelay: 1, timeout: 60_000 })
    mesh.join('one')
    mesh.join('two')
    const call = mesh.call('create')
    for (let n = 0; n < 20; n++) {
      await until('the next try', () => mesh.asked.length > n)
      busy(mesh.last)
    }
    expect(new Set(mesh.asked.slice(0, 2))).toEqual(new Set(['one', 'two']))
    await until('one more', () => mesh.asked.length > 20)
    mesh.last.reply('created')
    expect(await call).toBe('created')
  })

  it('has all its attempts left for failures', async () => {
    const mesh = new ScriptedMesh({ retries: 1, retryDelay: 1, timeout: 60_000 })
    mesh.join('one')
    const call = mesh.call('create')
    for (let n = 0; n < 5; n++) {
      await until('the next try', () => mesh.asked.length > n)
      busy(mesh.last)
    }
    await until('a try', () => mesh.asked.length > 5)
    mesh.last.fail('not-sent')
    await until('a try', () => mesh.asked.length > 6)
    mesh.last.fail('not-sent', 'it is leaving')
    expect((await rejection(call)).message).toBe('todos.create(): given up after 2 attempts; it is leaving')
  })

  it('rejects as not sent when its time is over, and says why', async () => {
    const mesh = new ScriptedMesh({ retryDelay: 60_000, timeout: 30 })
    mesh.join('one')
    const call = mesh.call('create')
    busy(mesh.last)
    const error = await rejection(call)
    expect(error).toMatchObject({ name: 'Unavailable', data: { outcome: 'not-sent' } })
    expect(error.message).toBe('todos.create(): no node took it within 30 ms; ' +
      'node one: this node serves 1 requests already')
  })

  it('is not sent again with retries: 0', async () => {
    const mesh = new ScriptedMesh()
    mesh.join('one')
    mesh.join('two')
    const call = mesh.call('create', [], { retries: 0 })
    busy(mesh.last)
    expect(await rejection(call)).toMatchObject({ data: { code: 'MESH_NOT_SENT', outcome: 'not-sent' } })
    expect(mesh.asked).toHaveLength(1)
  })

  it('asks no more than four of many replicas in a row', async () => {
    const mesh = new ScriptedMesh({ retryDelay: 60_000, timeout: 60_000 })
    for (let n = 0; n < 50; n++) mesh.join(`replica ${n}`)
    void mesh.call('create').catch(() => {})
    for (let n = 0; n < 50 && mesh.asked.length > n; n++) busy(mesh.last)
    expect(mesh.asked).toHaveLength(4)
  })

  it('is sent again as soon as the service has answered another call', async () => {
    const mesh = new ScriptedMesh({ retryDelay: 60_000, timeout: 60_000 })
    mesh.join('one')
    const first = mesh.call('create', ['first'])
    const running = mesh.last
    const second = mesh.call('create', ['second'])
    busy(mesh.last)
    expect(mesh.asked).toHaveLength(2)
    running.reply('first')
    expect(mesh.asked).toHaveLength(3)
    mesh.last.reply('second')
    expect(await Promise.all([first, second])).toEqual(['first', 'second'])
  })

  it('goes before calls that come later, which are not even sent', () => {
    const mesh = new ScriptedMesh({ retryDelay: 60_000, timeout: 60_000 })
    mesh.join('one')
    void mesh.call('create', ['running']).catch(() => {})
    const running = mesh.last
    void mesh.call('create', ['first']).catch(() => {})
    busy(mesh.last)
    void mesh.call('create', ['second']).catch(() => {})
    expect(mesh.asked).toHaveLength(2)
    const sent = (): unknown[] => mesh.transport.sent.map(({ request }: { request: Request }) => request.data)
    running.reply(1)
    expect(sent()).toEqual(['running', 'first', 'first'])
    mesh.last.reply(1)
    expect(sent()).toEqual(['running', 'first', 'first', 'second'])
  })

  it('does not hold up others when only one node may take it', () => {
    const mesh = new ScriptedMesh({ retryDelay: 60_000, timeout: 60_000 })
    mesh.join('one')
    mesh.join('two')
    void mesh.call('create', [], { node: 'one' }).catch(() => {})
    busy(mesh.last)
    void mesh.call('create').catch(() => {})
    expect(mesh.asked).toHaveLength(2)
  })

  it('waits no longer than this node is on the mesh', async () => {
    const mesh = new ScriptedMesh({ retryDelay: 60_000, timeout: 60_000 })
    mesh.join('one')
    const call = mesh.call('create')
    busy(mesh.last)
    mesh.remotes.close()
    expect((await rejection(call)).message).toBe('todos.create(): this node has left the mesh')
  })

  it('leaves no timer behind on a node that has left the mesh', async () => {
    const set = jest.spyOn(global, 'setTimeout')
    const cleared = jest.spyOn(global, 'clearTimeout')
    try {
      const mesh = new ScriptedMesh({ retryDelay: 54_321, timeout: 60_000 })
      mesh.join('one')
      const call = rejection(mesh.call('create'))
      busy(mesh.last)
      const isPause = (ms: number | undefined): boolean => ms !== undefined && ms >= 54_321 / 2 && ms <= 54_321
      const timers = set.mock.results.filter((_, n) => isPause(set.mock.calls[n]?.[1])).map(({ value }) => value)
      expect(timers).toHaveLength(1)
      mesh.remotes.close()
      await call
      expect(cleared.mock.calls.some(([timer]) => timer === timers[0])).toBe(true)
    } finally {
      set.mockRestore()
      cleared.mockRestore()
    }
  })

  it('is rejected when as many wait as may', async () => {
    const mesh = new ScriptedMesh({ retryDelay: 60_000, timeout: 60_000, maxWaiting: 2 })
    mesh.join('one')
    const calls = Array.from({ length: 3 }, () => mesh.call('create'))
    for (const sent of [...mesh.transport.sent]) busy(sent)
    expect(await rejection(calls[2] ?? Promise.resolve())).toMatchObject({ data: { code: 'MESH_TOO_MANY_WAITING' } })
    expect(mesh.asked).toHaveLength(3)
  })
})

/** Answers all requests by a rule, from now on; gives how many of them were refused so far. */
function answerBy (
  mesh: ScriptedMesh, isRefused: (request: Request) => boolean
): { refused: number, stop: () => void } {
  let seen = 0
  const timer = setInterval(() => {
    for (const { sent } = mesh.transport; seen < sent.length;) {
      const next = sent[seen++]
      if (next === undefined) continue
      if (!isRefused(next.request)) next.reply(next.request.data)
      else {
        answers.refused++
        busy(next)
      }
    }
  }, 1).unref()
  const answers = { refused: 0, stop: () => clearInterval(timer) }
  return answers
}

describe('a call that is refused again and again', () => {
  it('does not hold up calls of other methods, which other replicas offer', async () => {
    const mesh = new ScriptedMesh({ retryDelay: 60_000, timeout: 60_000 })
    mesh.join('one', todos(['find']))
    mesh.join('two', todos(['find', 'create']))
    void mesh.call('create').catch(() => {})
    busy(mesh.last)
    const calls = Array.from({ length: 20 }, () => mesh.call('find'))
    // Answers of other methods let it ask once in a pause, and no more often.
    for (const sent of [...mesh.transport.sent].slice(1)) {
      sent.reply('found')
      if (mesh.last.request.method === 'create') busy(mesh.last)
    }
    expect(await Promise.all(calls)).toEqual(calls.map(() => 'found'))
    expect(mesh.transport.sent.filter(({ request }) => request.method === 'create')).toHaveLength(2)
  })

  it('does not hold up calls of its own method that are not refused', async () => {
    const mesh = new ScriptedMesh({ retryDelay: 10, timeout: 60_000 })
    mesh.join('one')
    const answers = answerBy(mesh, ({ data }) => data === 'too large')
    void mesh.call('create', ['too large']).catch(() => {})
    await until('the first refusal', () => answers.refused > 0)
    // They stand in line behind it.
    const calls = Array.from({ length: 50 }, (_, n) => mesh.call('create', [n]))
    expect(await Promise.all(calls)).toEqual(calls.map((_, n) => n))
    const { refused } = answers
    await until('it asks again', () => answers.refused > refused)
    answers.stop()
  })

  it('is not overtaken for ever by calls that come later', async () => {
    const mesh = new ScriptedMesh({ retryDelay: 10, timeout: 60_000 })
    mesh.join('one')
    let refusals = 0
    const answers = answerBy(mesh, ({ data }) => data === 'early' && refusals++ < 5)
    let isOver = false
    const early = mesh.call('create', ['early']).finally(() => { isOver = true })
    const others = Array.from({ length: 20 }, async () => { while (!isOver) await mesh.call('create', ['later']) })
    expect(await early).toBe('early')
    await Promise.all(others)
    answers.stop()
  })

  it('gets a place that a call of another method leaves, before calls of that method that wait', () => {
    const mesh = new ScriptedMesh({ retryDelay: 60_000, timeout: 60_000 })
    mesh.join('one')
    void mesh.call('find').catch(() => {})
    const running = mesh.last
    for (const method of ['create', 'find']) {
      void mesh.call(method).catch(() => {})
      busy(mesh.last)
    }
    running.reply('found')
    expect(mesh.transport.sent.slice(3).map(({ request }) => request.method)).toEqual(['create', 'find'])
  })
})

describe('more calls than replicas serve at a time', () => {
  it('all succeed when the work fits into their time, and few requests are refused', async () => {
    const mesh = new ScriptedMesh({ retryDelay: 50, timeout: 60_000 })
    for (let n = 0; n < 4; n++) mesh.join(`replica ${n}`, todos(['find', 'create']))
    const replicas = new BusyReplicas(mesh, 4, 5)
    const serving = replicas.serve()
    let failed = 0
    await Promise.all(Array.from({ length: 24 }, async () => {
      for (let n = 0; n < 20; n++) await mesh.call('create', [n]).catch(() => { failed++ })
    }))
    replicas.close()
    await serving
    expect([failed, replicas.served, replicas.mostAtATime]).toEqual([0, 480, 4])
    // The 8 calls that are too many at first ask 4 replicas each; later ones wait in line.
    expect(replicas.refused).toBeLessThan(480)
  })

  it('do not ask more often than now and then, however many wait', async () => {
    const mesh = new ScriptedMesh({ retryDelay: 20, timeout: 60_000 })
    mesh.join('one')
    for (let n = 0; n < 90; n++) void mesh.call('create').catch(() => {})
    let seen = 0
    const end = performance.now() + 400
    while (performance.now() < end) {
      for (const { length } = mesh.transport.sent; seen < length; seen++) {
        const sent = mesh.transport.sent[seen]
        if (sent !== undefined) busy(sent)
      }
      await delay(1)
    }
    // Each was sent once. Then one at a time asks, at least 10 ms after the last one.
    expect(seen).toBeLessThanOrEqual(90 + 400 / 10)
  })
})

describe('a replica that is free among busy ones', () => {
  it('gets the calls, however many of the others refuse them', async () => {
    const mesh = new ScriptedMesh({ retries: 5, retryDelay: 50, timeout: 10_000 })
    for (const name of ['one', 'two', 'three', 'four', 'five', 'six', 'free']) mesh.join(name)
    const { sent } = mesh.transport
    let refused = 0
    let seen = 0
    const answer = (): void => {
      for (const attempt of sent.slice(seen)) {
        seen++
        if (attempt.node === 'free') attempt.reply('done')
        else {
          refused++
          busy(attempt)
        }
      }
    }
    const answering = setInterval(answer, 1)
    try {
      await Promise.all(Array.from({ length: 10 }, async () => {
        for (let n = 0; n < 20; n++) expect(await mesh.call('find')).toBe('done')
      }))
    } finally {
      clearInterval(answering)
    }
    // Each of the busy ones is asked once in a while, and not with each call.
    expect(refused).toBeLessThan(200)
  })

  it('is not given to a routing function that insists on a busy one', async () => {
    const routing: Routing = replicas => replicas.find(({ id }) => id === 'busy') ?? replicas[0]
    const mesh = new ScriptedMesh({ routing, retries: 5, retryDelay: 10, timeout: 10_000 })
    for (const name of ['busy', 'free']) mesh.join(name)
    const first = mesh.call('find')
    busy(mesh.last)
    mesh.last.reply('free')
    expect(await first).toBe('free')
    void mesh.call('find').catch(() => {})
    expect(mesh.asked).toEqual(['busy', 'free', 'busy'])
  })
})

describe('an attempt at a node that has never answered, and that is busy', () => {
  it('is taken back once, so that no replica grants more attempts than the policy has', () => {
    const attempts = new Attempts({
      timeout: 1, attemptTimeout: undefined, retries: 1, retryDelay: 1, waitForService: true, maxWaiting: 1
    })
    attempts.started('unproven', true)
    attempts.failed('unproven', BUSY)
    attempts.shed()
    expect(attempts.made).toBe(0)
    attempts.started('proven')
    attempts.failed('proven', BUSY)
    expect(attempts.made).toBe(1)
  })
})
