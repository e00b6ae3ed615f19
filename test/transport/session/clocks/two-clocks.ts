import type { IncomingCall, RequestRefused } from 'feathers-mesh/transport'
import { ClockAlarm } from '../../../../lib/transport/session/clocks/clock-alarm'
import { PeerClock } from '../../../../lib/transport/session/clocks/peer-clock'

/** What happens next, and after which time. */
export interface Step {
  readonly kind: 'tell' | 'call' | 'freeze' | 'suspend' | 'suspendCaller' | 'set'
  /** Milliseconds since the step before. */
  readonly after: number
  /** Milliseconds: how long a message is under way, a process is stopped, or by how much a clock is set. */
  readonly ms: number
  /** Milliseconds that a call may take. */
  readonly timeout: number
}

/** How a call of the simulation was answered. */
export interface Verdict {
  /** Milliseconds that its caller still had when it reached the host. */
  readonly left: number
  readonly verdict: 'started' | 'refused' | 'alarm'
  /** How long the message was under way from which the caller last learned the host's clock, and since when it knew. */
  readonly sample: { readonly delay: number, readonly age: number }
  /** Milliseconds from when the call was sent until the host looked at it. */
  readonly wait: number
}

interface Message {
  readonly at: number
  readonly n: number
  readonly to: 'host' | 'caller'
  readonly act: () => void
}

interface Sent { readonly deadline: number, readonly sent: number, readonly resent: number }

/** Milliseconds between two looks at a clock: no clock shows the same twice. */
const LOOK_MS = 1 / 256

/** A clock that runs wrong by some ppm, and stands still while its machine is suspended. */
class Clock {
  private stood = 0

  constructor (private readonly start: number, private readonly ppm: number) {}

  stand (ms: number): void {
    this.stood += ms
  }

  at (time: number): number {
    return this.start + (time - this.stood) * (1 + this.ppm / 1e6)
  }
}

/** A caller and a host with clocks of their own, in simulated time. Messages of one direction arrive in order. */
export class TwoClocks {
  readonly verdicts: Verdict[] = []
  private time = 0
  private wallSet = 0
  private number = 0
  private queue: Message[] = []
  private readonly resumes = { host: 0, caller: 0 }
  private readonly lastArrival = { host: 0, caller: 0 }
  private sample = { delay: 0, readAt: 0 }
  private readonly hostClock: Clock
  private readonly callerClock: Clock
  private readonly alarm: ClockAlarm
  private readonly peerClock: PeerClock

  constructor ({ hostPpm, callerPpm, skew }: { hostPpm: number, callerPpm: number, skew: number }) {
    this.hostClock = new Clock(1e12 + skew, hostPpm)
    this.callerClock = new Clock(1e12, callerPpm)
    jest.spyOn(Date, 'now').mockImplementation(() => 1e12 + this.time + this.wallSet)
    this.alarm = new ClockAlarm(() => this.hostNow())
    this.alarm.peerProves = true
    this.peerClock = new PeerClock(() => {}, () => this.callerNow())
  }

  run (steps: readonly Step[]): void {
    this.tell(0)
    for (const step of steps) {
      this.advance(this.time + step.after)
      this.take(step)
    }
    this.advance(this.time + 1e7)
  }

  private hostNow (): number {
    return this.hostClock.at(this.time += LOOK_MS)
  }

  private callerNow (): number {
    return this.callerClock.at(this.time += LOOK_MS)
  }

  private take ({ kind, ms, timeout }: Step): void {
    const delay = ms % 3_000
    if (kind === 'tell') this.tell(delay)
    else if (kind === 'call') this.call(timeout, delay)
    // Never by what makes up for a suspension: nobody could notice that.
    else if (kind === 'set') this.wallSet += ms % 2 === 0 ? ms : -1e8 - ms
    else if (kind === 'suspendCaller') this.stop('caller', ms, this.callerClock)
    else this.stop('host', ms, kind === 'suspend' ? this.hostClock : undefined)
  }

  /** A process runs no more for a time; if its machine was suspended, its clock stands still. */
  private stop (who: 'host' | 'caller', ms: number, clock: Clock | undefined): void {
    if (this.resumes[who] > this.time) return
    this.resumes[who] = this.time + ms
    clock?.stand(ms)
  }

  private isStopped (who: 'host' | 'caller'): boolean {
    return this.resumes[who] > this.time
  }

  private tell (delay: number): void {
    if (this.isStopped('host')) return
    const now = Math.floor(this.hostNow())
    const sent = this.time
    this.send('caller', delay, () => {
      this.peerClock.read(now)
      this.sample = { delay: this.time - sent, readAt: this.time }
    })
  }

  private call (timeout: number, delay: number): void {
    if (this.isStopped('caller') || !this.peerClock.isKnown) return
    this.request({ deadline: this.callerNow() + timeout, sent: this.time, resent: 0 }, delay)
  }

  private request (call: Sent, delay: number): void {
    const deadline = this.peerClock.toPeerTime(call.deadline)
    const sample = { delay: this.sample.delay, age: this.time - this.sample.readAt }
    const sent = this.time
    this.send('host', delay, () => this.serve(call, deadline, sample, this.time - sent))
  }

  private serve (call: Sent, deadline: number, sample: Verdict['sample'], wait: number): void {
    this.alarm.check()
    const left = call.deadline - this.callerNow()
    const request = { method: 'find', key: '', path: 'todos', deadline }
    let now: number | undefined
    const incoming: IncomingCall = { request, reply: error => { now = (error as RequestRefused).now } }
    const isAlarmed = this.alarm.refuses(incoming)
    const isLate = deadline <= this.hostNow()
    this.verdicts.push({ left, sample, wait, verdict: isAlarmed ? 'alarm' : isLate ? 'refused' : 'started' })
    if (isAlarmed || isLate) this.refuse(call, now ?? Math.floor(this.hostNow()))
  }

  private refuse (call: Sent, now: number): void {
    const sent = this.time
    this.send('caller', 5, () => {
      this.peerClock.replace(now)
      this.sample = { delay: this.time - sent, readAt: this.time }
      this.send('host', 5, () => {
        this.alarm.check()
        this.alarm.prove({ now })
      })
      const isOver = call.deadline <= this.callerNow() || call.resent === 2
      if (!isOver) this.request({ ...call, resent: call.resent + 1 }, 5)
    })
  }

  private send (to: 'host' | 'caller', delay: number, act: () => void): void {
    const at = this.lastArrival[to] = Math.max(this.lastArrival[to], this.time + delay)
    this.queue.push({ at, n: this.number++, to, act })
  }

  /** A process that is stopped gets its messages when it runs again. */
  private advance (until: number): void {
    for (;;) {
      const due = this.queue.map(message => ({ message, at: Math.max(message.at, this.resumes[message.to]) }))
      due.sort((one, other) => one.at - other.at || one.message.n - other.message.n)
      if (due.length === 0 || due[0].at > until) break
      this.queue = this.queue.filter(message => message !== due[0].message)
      this.time = Math.max(this.time, due[0].at)
      due[0].message.act()
    }
    this.time = Math.max(this.time, until)
  }
}
