import { Socket as UdpSocket } from 'node:dgram'
import { Server, Socket } from 'node:net'

export type Resource = Socket | Server | UdpSocket

/** The sockets that a transport holds anywhere in it, so that no test depends on where that is. */
export function resourcesOf (root: unknown): Resource[] {
  const found: Resource[] = []
  const seen = new Set<unknown>()
  const waiting: unknown[] = [root]
  while (waiting.length > 0) {
    const next = waiting.pop()
    if (typeof next !== 'object' || next === null || seen.has(next)) continue
    seen.add(next)
    if (next instanceof Socket || next instanceof Server || next instanceof UdpSocket) found.push(next)
    else if (next instanceof Map) waiting.push(...next.values())
    else if (next instanceof Set) waiting.push(...next)
    else if (!ArrayBuffer.isView(next)) waiting.push(...Object.values(next))
  }
  return found
}
