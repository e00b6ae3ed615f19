import type { Application } from '@feathersjs/feathers'
import { describe, shortUuid } from '../../contract/descriptor'
import type { RemoteServiceEntry } from '../../registry/remote-service-entry'
import type { PlacedService } from './placed/placed-service'

/** The events of an app that tell which services of other nodes there are, by the names of feathers-distributed. */
export type Announcement = 'service' | 'service-removed'

const ALL: ReadonlyArray<string | symbol> = ['service', 'service-removed'] satisfies Announcement[]

/** Tells an app which services of other nodes come and go. */
export class Announcements {
  /** @param beforeFirst - called when the app gets a listener, which hears of what happens from now on */
  constructor (private readonly app: Application, beforeFirst: () => void) {
    app.on('newListener', event => { if (ALL.includes(event)) beforeFirst() })
  }

  /** Whether somebody listens. */
  get haveListeners (): boolean {
    const { app } = this
    // No loop: each service that comes asks for this.
    return app.listenerCount('service') > 0 || app.listenerCount('service-removed') > 0
  }

  /** @param placed - what is announced, where it may get additions meanwhile */
  tell (event: Announcement, entry: RemoteServiceEntry, placed?: PlacedService): void {
    if (this.app.listenerCount(event) === 0) return
    const { path, key, hosts: [host], lastNode: uuid } = entry
    const last = { uuid, shortUuid: uuid === undefined ? undefined : shortUuid(uuid), key }
    const descriptor = host === undefined ? last : describe(host.node, host.contract)
    const emit = (): void => { this.app.emit(event, { ...descriptor, path }) }
    try {
      if (placed === undefined) emit()
      else placed.announce(emit)
    } catch (error) {
      // A listener that throws is a fault of the program, as with any emitter. The peer must not suffer from it.
      queueMicrotask(() => { throw error })
    }
  }
}
