import { connect, type Socket } from 'node:net'
import { debug } from '../debug'
import type { RemoteComponent } from '../discovery/discovery'

/** Milliseconds from one try to the next. */
const RETRY_INTERVAL_MS = 1_000
/** How often a node is tried. One that comes back after that is found by its next hello. */
const MAX_TRIES = 600

interface Lost {
  component: RemoteComponent
  /** Whether it was reached again. */
  found: boolean
  tries: number
  dialling: Socket | undefined
}

/**
 * Nodes that were lost without a goodbye. Each is tried at its last address until it is reached, or known to be gone:
 * a mesh that was cut in two is whole again soon after its network is, even where hellos are rare.
 */
export class LostNodes {
  private readonly byId = new Map<string, Lost>()
  private timer: NodeJS.Timeout | undefined

  /** @param onFound - something accepts connections where the node was */
  constructor (private readonly onFound: (component: RemoteComponent) => void) {}

  /** A node was lost. */
  add (component: RemoteComponent): void {
    const lost = this.byId.get(component.iid)
    // The result of a try at a former address says nothing about this one.
    lost?.dialling?.destroy()
    if (lost !== undefined) Object.assign(lost, { component, found: false })
    else this.byId.set(component.iid, { component, found: false, tries: 0, dialling: undefined })
    this.timer ??= setInterval(() => this.tryAll(), RETRY_INTERVAL_MS)
  }

  /** A node sent a hello or a goodbye: it is there, or gone for good. */
  delete (iid: string): void {
    this.byId.get(iid)?.dialling?.destroy()
    this.byId.delete(iid)
    if (this.byId.size === 0) this.stop()
  }

  /** Gives all of them up. */
  stop (): void {
    clearInterval(this.timer)
    this.timer = undefined
    for (const { dialling } of this.byId.values()) dialling?.destroy()
    this.byId.clear()
  }

  private tryAll (): void {
    for (const [iid, lost] of this.byId) {
      if (++lost.tries > MAX_TRIES) this.delete(iid)
      else if (!lost.found && lost.dialling === undefined) this.try(lost)
    }
  }

  private try (lost: Lost): void {
    const { address, iid, advertisement: { port } } = lost.component
    const socket = lost.dialling = connect({ host: address, port: port ?? 0, timeout: RETRY_INTERVAL_MS })
    socket.once('timeout', () => socket.destroy())
    socket.once('close', () => { lost.dialling = undefined })
    socket.once('error', ({ code }: NodeJS.ErrnoException) => {
      debug('lost node %s: %s', iid, code)
      // Its machine answers, and nothing listens there.
      if (code === 'ECONNREFUSED') this.delete(iid)
    })
    socket.once('connect', () => {
      socket.destroy()
      lost.found = true
      this.onFound(lost.component)
    })
  }
}
