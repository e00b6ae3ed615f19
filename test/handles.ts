import { until } from './until'

/** What a node may open. */
const KINDS = ['TCPServerWrap', 'TCPSocketWrap', 'TCPConnectWrap', 'UDPWrap', 'Timeout'] as const

/** How many of each kind hold this process. */
function count (): number[] {
  const open = process.getActiveResourcesInfo()
  return KINDS.map(kind => open.filter(name => name === kind).length)
}

/** Counts the handles now; the function that it gives waits until no more of them are open. */
export function watchHandles (): () => Promise<void> {
  const before = count()
  return async () => {
    // What was closed is there until the event loop comes round.
    await until('no more handles than before', () => count().every((number, kind) => number <= before[kind]))
  }
}
