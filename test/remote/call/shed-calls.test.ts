import { setTimeout as delay } from 'node:timers/promises'
import { RequestRefused } from 'feathers-mesh/transport'
import type { Request } from 'feathers-mesh/transport'
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

  it('is rejected when as many wait as may', async () => {
    const mesh = new ScriptedMesh({ retryDelay: 60_000, timeout: 60_000, maxWaiting: 2 })
    mesh.join('one')
    const calls = Array.from({ length: 3 }, () => mesh.call('create'))
    for (const sent of [...mesh.transport.sent]) busy(sent)
    expect(await rejection(calls[2] ?? Promise.resolve())).toMatchObject({ data: { code: 'MESH_TOO_MANY_WAITING' } })
    expect(mesh.asked).toHaveLength(3)
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
