import { setTimeout as delay } from 'node:timers/promises'
import type { Note } from '../processes/interop/notes-service'
import { until } from '../until'

const callers = 4
/** So that the processes under test get the machine, not the load. */
const pause = 20

/** Clients of a gateway that call the notes over REST, one call after the other, for as long as they are let. */
export class RestLoad {
  /** Calls that went well, by the node that answered. */
  readonly answers: Record<string, number> = {}
  readonly failures: unknown[] = []
  private stopped = false
  private readonly underWay = new Map<string, number>()
  private readonly running: ReadonlyArray<Promise<void>>

  constructor (private url: string) {
    this.running = Array.from({ length: callers }, async (_, caller) => {
      for (let n = caller; !this.stopped; n++) {
        await this.call(n % 3)
        await delay(pause)
      }
    })
  }

  /** The gateway that is called. */
  get target (): string {
    return this.url
  }

  /** Sends all that follows to another gateway; resolves when no call to the one before is under way. */
  async moveTo (url: string): Promise<void> {
    const before = this.url
    this.url = url
    await until('the end of calls to the gateway before', () => (this.underWay.get(before) ?? 0) === 0)
  }

  /** Waits until each of these nodes has answered some more calls. */
  async answered (names: readonly string[], more = 30): Promise<void> {
    const before = { ...this.answers }
    const done = (name: string): boolean => (this.answers[name] ?? 0) - (before[name] ?? 0) >= more
    await until(`${more} more answers over REST from ${names.join(' and ')}`, () => names.every(done))
  }

  async stop (): Promise<void> {
    this.stopped = true
    await Promise.all(this.running)
  }

  private async call (kind: number): Promise<void> {
    const { url } = this
    this.count(url, 1)
    try {
      const [path, init] = requests[kind]
      const response = await fetch(`${url}${path}`, init)
      const body: unknown = await response.json()
      if (!response.ok) throw new Error(`${response.status} ${JSON.stringify(body)}`)
      const [{ node }] = [body as Note | Note[]].flat()
      this.answers[node] = (this.answers[node] ?? 0) + 1
    } catch (error) {
      this.failures.push({ kind, url, error: String(error) })
    } finally {
      this.count(url, -1)
    }
  }

  private count (url: string, more: number): void {
    this.underWay.set(url, (this.underWay.get(url) ?? 0) + more)
  }
}

const requests: ReadonlyArray<readonly [path: string, init: RequestInit]> = [
  ['/notes', {}],
  ['/notes/1', {}],
  ['/notes', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ title: 'Over REST' })
  }]
]
