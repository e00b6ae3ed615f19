import { connect, type Socket } from 'node:net'
import { RecentMap } from '../../../collections/recent-map'
import { debug } from '../debug'
import type { RemoteComponent } from '../discovery/discovery'

/** Milliseconds from one look at the lost nodes to the next. */
const RETRY_INTERVAL_MS = 1_000
/** For this long a node is tried that was connected once. One that comes back after that is found by its next hello. */
const MAX_SEARCH_MS = 600_000
/** The same where its machine answers and nothing listens there: most likely the program has ended. */
const MAX_SEARCH_OF_REFUSED_MS = 300_000
/** After this time such a node is tried at every other look only. */
const OFTEN_MS = 60_000
/** How often a node is tried of which this one has nothing but a hello: that may name the port of any program. */
const MAX_TRIES_OF_UNKNOWN = 3
/** How many nodes are looked for, those that were lost last; and how many of them were only heard. */
const MAX_LOST = 1_000
const MAX_UNKNOWN = 100
/** How many are tried at each look: so many connections are opened in a second. */
const MAX_DIALS = 100

interface Lost {
  readonly component: RemoteComponent
  /** Whether it was connected once, or was only heard. */
  readonly isKnown: boolean
  /** When it was lost, or sent its last hello; by `performance.now()`. */
  since: number
  tries: number
  /** When it is tried next. */
  nextAt: number
  /** Whether its machine refused the last connection. */
  isRefused: boolean
  /** Whether something accepted a connection: who it is shows when the node connects. */
  isFound: boolean
  dialling: Socket | undefined
}

/**
 * Nodes that were lost without a goodbye. Each is tried at its last address until it is reached, or known to be gone:
 * a mesh that was cut in two is whole again soon after its network is, even where hellos are rare.
 */
export class LostNodes {
  private readonly byId = new RecentMap<string, Lost>(MAX_LOST)
  private timer: NodeJS.Timeout | undefined
  private stopped = false

  /** @param onFound - something accepts connections where the node was */
  constructor (private readonly onFound: (component: RemoteComponent) => void) {}

  /** A node was lost. @param wasConnected - whether it has proven to be a node by telling what it offers */
  add (component: RemoteComponent, wasConnected: boolean): void {
    // Peers are lost while their node says goodbye, too.
    if (this.stopped) return
    const { iid } = component
    const before = this.byId.get(iid)
    // The result of a try at a former address says nothing about this one.
    before?.dialling?.destroy()
    const now = performance.now()
    if (wasConnected || before === undefined) {
      // Each of them is tried a few times and then dropped, so there is room again soon.
      if (!wasConnected && this.unknown >= MAX_UNKNOWN) return
      this.byId.set(iid, {
        component, isKnown: wasConnected, since: now, tries: 0, nextAt: now, isRefused: false, isFound: false,
        dialling: undefined
      })
    } else {
      // It was found, and is lost again before it was connected: its tries still count.
      this.byId.set(iid, { ...before, component, isFound: false, dialling: undefined })
    }
    this.timer ??= setInterval(() => this.tryAll(), RETRY_INTERVAL_MS)
  }

  /** A node sent a hello: it is dialled already, and is looked for as from the beginning if that fails. */
  heard (iid: string): void {
    const lost = this.byId.get(iid)
    if (lost === undefined) return
    lost.dialling?.destroy()
    Object.assign(lost, { since: performance.now(), tries: 0, isRefused: false, isFound: true })
  }

  /** A node is there, or gone for good. */
  delete (iid: string): void {
    this.byId.get(iid)?.dialling?.destroy()
    this.byId.delete(iid)
    if (this.byId.size === 0) this.pause()
  }

  /** Gives all of them up, and looks for none that is lost later. */
  stop (): void {
    this.stopped = true
    this.pause()
    for (const { dialling } of this.byId.values()) dialling?.destroy()
    this.byId.clear()
  }

  /** Looks no more until the next one is lost. */
  private pause (): void {
    clearInterval(this.timer)
    this.timer = undefined
  }

  /** How many were only heard. */
  private get unknown (): number {
    return [...this.byId.values()].filter(({ isKnown }) => !isKnown).length
  }

  private tryAll (): void {
    const now = performance.now()
    let dials = 0
    for (const [iid, lost] of this.byId) {
      const { isFound, dialling, nextAt } = lost
      if (this.isOver(lost, now)) this.delete(iid)
      else if (!isFound && dialling === undefined && nextAt <= now && dials++ < MAX_DIALS) this.try(lost, now)
    }
  }

  private isOver ({ isKnown, since, tries, isRefused, isFound, dialling }: Lost, now: number): boolean {
    if (isKnown) return now - since > (isRefused ? MAX_SEARCH_OF_REFUSED_MS : MAX_SEARCH_MS)
    // One that was found may turn out to be none: then its tries still count.
    return tries >= MAX_TRIES_OF_UNKNOWN && dialling === undefined && !isFound
  }

  private pauseOf ({ isKnown, isRefused, since, tries }: Lost, now: number): number {
    if (!isKnown) return RETRY_INTERVAL_MS * 2 ** tries
    return isRefused && now - since > OFTEN_MS ? 2 * RETRY_INTERVAL_MS : RETRY_INTERVAL_MS
  }

  private try (lost: Lost, now: number): void {
    const { component, component: { address, iid, advertisement: { port } } } = lost
    // Looks are early or late by some milliseconds.
    lost.nextAt = now + this.pauseOf(lost, now) - RETRY_INTERVAL_MS / 2
    lost.tries++
    const socket = lost.dialling = connect({ host: address, port: port ?? 0, timeout: RETRY_INTERVAL_MS })
    socket.once('timeout', () => socket.destroy())
    socket.once('close', () => { if (lost.dialling === socket) lost.dialling = undefined })
    socket.once('error', ({ code }: NodeJS.ErrnoException) => {
      debug('lost node %s: %s', iid, code)
      lost.isRefused = code === 'ECONNREFUSED'
    })
    socket.once('connect', () => {
      socket.destroy()
      lost.isFound = true
      this.onFound(component)
    })
  }
}
