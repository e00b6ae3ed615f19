import { RESPONDER } from './component-names'
import type { RemoteComponent } from './discovery'

/** What logs that a node came or went, as users of cote know it: its component with its id and its port. */
export function logsOf (
  id: string, components: readonly RemoteComponent[]
): (status: 'online' | 'offline') => void {
  const own = components.find(({ advertisement: { appUuid, port } }) => appUuid === id && port !== undefined)
  const { name = RESPONDER, port } = own?.advertisement ?? {}
  return status => {
    // cote's log is on standard output, and so is this.
    // eslint-disable-next-line no-console
    console.log(`${RESPONDER} > service.${status} ${name}#${id}${port === undefined ? '' : ` on ${port}`}`)
  }
}
