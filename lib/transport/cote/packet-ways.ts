import { PlacesWay } from './discovery/places/asked-places'
import type { Visits } from './discovery/places/visits'
import { isPlaceWay, type PacketWay } from './discovery/way'
import { HelloConnection, type HelloConnectionOptions } from './outbound/hellos/hello-connection'
import type { UnreachablePeers } from './outbound/unreachable-peers'
import type { ResolvedOptions } from './resolve-options'
import type { Security } from './security/security'

/** What the ways of a node share with its other parts. */
interface PacketWaysOptions extends Pick<HelloConnectionOptions, 'unfinished' | 'onRejected'> {
  readonly id: string
  readonly key: string
  readonly security: Security
  readonly visits: Visits
  readonly unreachable: UnreachablePeers
}

/** The ways that carry packets; and a way for all those that know places, and for nodes that ask this one. */
export function packetWaysOf (options: ResolvedOptions, { id, key, ...node }: PacketWaysOptions): PacketWay[] {
  const { discovery: { ways, nodeTimeout }, connectTimeout, staysOnThisMachine } = options
  const { visits, unreachable, security: { hellos: { isClosed } } } = node
  const dialled = { ...node, connectTimeout, introduction: { node: id, key } }
  const places = new PlacesWay({
    id,
    visits,
    ways: ways.filter(isPlaceWay),
    isClosed,
    staysHere: staysOnThisMachine && !isClosed,
    silentMs: nodeTimeout,
    onFailure: (place, reason) => unreachable.fail(place, reason),
    dial: (place, answerTimeout, events) => new HelloConnection(place, { ...dialled, answerTimeout }, events)
  })
  const packetWays = ways.filter((way): way is PacketWay => !isPlaceWay(way))
  return packetWays.length === ways.length ? [...packetWays, visits] : [...packetWays, places, visits]
}
