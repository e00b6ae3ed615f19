import { messageOf } from '../printable'
import type { OnRejected } from './rejections'

/**
 * Does what another node makes this one do: read its hello, take it in, connect to it, let it go. Nobody catches what
 * is thrown in a socket, a timer or an interval, and it would end the process. Here it is counted, and ends that one
 * step.
 *
 * @param address - where the other node is, as far as that is known
 */
export function contain (onRejected: OnRejected, address: string, action: () => void): void {
  try {
    action()
  } catch (error) {
    onRejected('containedFault', address, messageOf(error))
  }
}
