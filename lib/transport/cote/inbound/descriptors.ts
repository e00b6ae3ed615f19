import { readFileSync } from 'node:fs'

/** Where Linux tells the limits of a process, and the line of the number of files and sockets that it may have open. */
const LIMITS = '/proc/self/limits'
const OPEN_FILES = /^Max open files +(\d+)/m

/** Accepted connections may have one in so many file descriptors: the app needs others. */
const SHARE = 2

/** How many connections a node keeps at a time: no more than its option says, and than the process has room for. */
export function connectionLimit (maxConnections: number): number {
  const descriptors = openFiles()
  return descriptors === undefined ? maxConnections : Math.min(maxConnections, Math.floor(descriptors / SHARE))
}

/** How many files and sockets this process may have open; undefined where the system does not tell. */
function openFiles (): number | undefined {
  try {
    const found = OPEN_FILES.exec(readFileSync(LIMITS, 'utf8'))
    return found === null ? undefined : Number(found[1])
  } catch {
    return undefined
  }
}
