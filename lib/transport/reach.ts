/** How a node is reached, for people. */
export interface Reach {
  /** By which transport, such as `cote` or `nats`. */
  readonly way: string
  /** Where it listens, where the way has such places. */
  readonly address?: string
  /** Milliseconds in which it answered the latest question of the mesh itself. */
  readonly roundTripMs?: number
}

/** How a peer is reached whose answers are timed. */
export function reachBy (
  way: string, { roundTripMs }: { readonly roundTripMs: number | undefined }, address?: string
): Reach {
  return { way, ...address === undefined ? {} : { address }, ...roundTripMs === undefined ? {} : { roundTripMs } }
}

/** Several ways to one node as one, that of calls first; undefined where there are none. */
export function joined (ways: readonly Reach[]): Reach | undefined {
  const [first] = ways
  if (first === undefined) return undefined
  const addresses = ways.flatMap(({ address }) => address ?? [])
  return reachBy(
    ways.map(({ way }) => way).join(', '), { roundTripMs: first.roundTripMs },
    addresses.length === 0 ? undefined : addresses.join(', ')
  )
}
