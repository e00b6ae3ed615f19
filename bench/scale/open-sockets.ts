import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** The sockets that a process has open, by protocol. */
export interface OpenSockets {
  readonly tcp: number
  readonly udp: number
}

const INODE_COLUMN = 9

function inodes (table: string): Set<string> {
  const lines = readFileSync(table, 'utf8').trim().split('\n').slice(1)
  return new Set(lines.map(line => line.trim().split(/\s+/)[INODE_COLUMN] ?? ''))
}

/** What the kernel tells of this process; listening sockets count as well. */
export function openSockets (): OpenSockets {
  const own = readdirSync('/proc/self/fd').flatMap(descriptor => {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${descriptor}`))?.[1]
      return inode === undefined ? [] : [inode]
    } catch {
      // The folder was read through a descriptor that is closed again.
      return []
    }
  })
  const count = (protocol: string): number => {
    const known = [protocol, `${protocol}6`].map(name => inodes(`/proc/self/net/${name}`))
    return own.filter(inode => known.some(set => set.has(inode))).length
  }
  return { tcp: count('tcp'), udp: count('udp') }
}
