import { connect, type Socket } from 'node:net'
import { debug } from '../debug'
import type { RemoteComponent } from '../discovery/discovery'

/** Milliseconds from one try to the next. */
const RETRY_INTERVAL_MS = 1_000
/** How often a node is tried; one that comes back after that says hello by itself. */
const MAX_TRIES = 600

interface Lost {
  component: RemoteComponent
  /** Whether it is known to be there again, if it does not get lost anew. */
  found: boolean
  tries: number
  dialling: Socket | undefined
}

/**
 * Nodes that were lost without a goodbye: each is tried at its last address until it is reached, or until it is known
 * to be gone, so that a mesh that was cut in two is whole again soon after the network is, however rare hellos are.
 */
export class LostNodes {
  private readonly byId = new Map<string, Lost>()
  private timer: NodeJS.Timeout | undefined

  /** @param onFound - somebody takes connections where the node was */
  constructor (private readonly onFound: (component: RemoteComponent) => void) {}

  add (component: RemoteComponent): void {
    const lost = this.byId.get(component.iid)
    // What a try at a former address comes to says nothing of this one.
    lost?.dialling?.destroy()
    if (lost !== undefined) Object.assign(lost, { component, found: false })
    else this.byId.set(component.iid, { component, found: false, tries: 0, dialling: undefined })
    this.timer ??= setInterval(() => this.tryAll(), RETRY_INTERVAL_MS)
  }

  /** The node was heard of: it is there, or gone for good. */
  delete (iid: string): void {
    this.byId.get(iid)?.dialling?.destroy()
    this.byId.delete(iid)
    if (this.byId.size === 0) this.stop()
  }

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
      // Its machine is there, and it is not.
      if (code === 'ECONNREFUSED') this.delete(iid)
    })
    socket.once('connect', () => {
      socket.destroy()
      lost.found = true
      this.onFound(lost.component)
    })
  }
}
