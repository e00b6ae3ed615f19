import type { Contract } from '../../../contract/contract'
import { RESPONDER } from './component-names'
import { debug } from '../debug'
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

/** Tells which node was found, and where. */
export function tellFound (id: string, components: readonly RemoteComponent[]): void {
  if (!debug.enabled) return
  const own = components.filter(({ iid, advertisement: { appUuid } }) => [iid, appUuid].includes(id))
  const { address, advertisement: { port, mesh, appDistributionKey = 'default' } } =
    own.find(({ advertisement: { name } }) => name === RESPONDER) ?? own[0] ?? { advertisement: {} }
  const kind = mesh === undefined ? 'feathers-distributed node' : 'node'
  debug('found %s %s (key %s) at %s:%s', kind, id, appDistributionKey, address, port)
}

/** Tells which services a node offers, each time that it is asked. */
export function tellOffer (id: string, contracts: readonly Contract[]): void {
  if (debug.enabled) debug('node %s offers: %s', id, contracts.map(({ path }) => path).join(', ') || 'nothing')
}
