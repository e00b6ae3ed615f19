import type { NodeLog } from '../../../log'
import { nodeTitle } from '../../../printable'
import type { Peer } from '../../transport'
import { debug } from '../debug'
import { environmentOf, RESPONDER, type Packet, type RemoteComponent } from './hello'

/** The most senders that are reported: new names must not fill the memory or the log. */
const MAX_REPORTED = 100

/** Logs, once for each, which nodes are ignored because they belong to another environment. */
export class OtherEnvironments {
  private readonly reported = new Set<string>()

  /** Logs a packet of another environment than this node's. */
  report ({ iid, pid, advertisement }: Packet, address: string, environment: string): void {
    if (!debug.enabled || advertisement === undefined) return
    const sender = pid ?? iid
    if (this.reported.has(sender) || this.reported.size >= MAX_REPORTED) return
    this.reported.add(sender)
    debug('ignored a node at %s: %s', address, otherEnvironment(environmentOf(advertisement), environment))
  }
}

/** What tells two meshes apart, both as cote writes them. */
export function otherEnvironment (theirs: string, ours: string): string {
  return `its environment is ${quoteEnvironment(theirs)}, this node's is ${quoteEnvironment(ours)}`
}

/** Logs a way by which a node looks for others. */
export function logWay (title: string, environment: string): void {
  if (title !== '') debug('looks for other nodes %s, environment %s', title, quoteEnvironment(environment))
}

/** cote writes the environment with a colon after its name. */
function quoteEnvironment (environment: string): string {
  return `'${environment.replace(/:$/, '')}'`
}

/** Returns a function that logs, in cote's own format, that a node came or went: its component, id and port. */
export function statusLogOf (
  id: string, components: readonly RemoteComponent[], log: NodeLog
): (status: 'online' | 'offline') => void {
  const own = components.find(({ advertisement: { appUuid, port } }) => appUuid === id && port !== undefined)
  const { name = RESPONDER, port } = own?.advertisement ?? {}
  return status => {
    // cote logs to standard output, and so does a node without a logger.
    const text = `${RESPONDER} > service.${status} ${name}#${id}${port === undefined ? '' : ` on ${port}`}`
    log.tell('FEATHERS_MESH_STATUS', text, { node: id })
  }
}

/** Logs which node was found, and where. */
export function logFound (id: string, discovery: { readonly components: readonly RemoteComponent[] }): void {
  if (!debug.enabled) return
  const { components } = discovery
  const own = components.filter(({ iid, advertisement: { appUuid } }) => [iid, appUuid].includes(id))
  const { address, advertisement: { port, mesh, appDistributionKey = 'default' } } =
    own.find(({ advertisement: { name } }) => name === RESPONDER) ?? own[0] ?? { advertisement: {} }
  const kind = mesh === undefined ? 'feathers-distributed node' : 'node'
  debug('found %s %s (key %s) at %s:%s', kind, id, appDistributionKey, address, port)
}

/** Logs which services a node offers, each time that it was asked. */
export function logOffer ({ id, name, contracts }: Peer): void {
  if (!debug.enabled) return
  debug('node %s offers: %s', nodeTitle({ id, name }), contracts.map(({ path }) => path).join(', ') || 'nothing')
}
