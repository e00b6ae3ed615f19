import { meshNow } from '../clock'
import type { TransportHost } from './transport'

/** The mesh clock of a node, in milliseconds. */
export type ClockOfNode = () => number

/**
 * The mesh clock of a node: that of this process, unless the host has one of its own. To be kept where messages are
 * read, as it may be a new function each time.
 */
export function clockOfNode (host: Pick<TransportHost, 'now'>): ClockOfNode {
  return host.now?.bind(host) ?? meshNow
}
