import type { ResolvedOf } from '../../option-table/option'
import { isGiven } from '../../option-table/given'
import type { Variables } from '../../option-table/variable'
import { isText } from '../../record'
import type { COTE_OPTIONS, CoteOptions } from './cote-options'
import type { Way } from './discovery/way'
import { readRedisOptions } from './discovery/ways/redis-place'
import { RedisWay } from './discovery/ways/redis-way'
import { waysOf } from './discovery/ways/schemes'
import { UdpWay } from './discovery/ways/udp-way'
import { withoutRedis } from './redis-variables'

type Values = ResolvedOf<typeof COTE_OPTIONS>

/** A way to find other nodes, and the option or variable that it comes from, as messages name it. */
export interface ChosenWay {
  readonly way: Way
  readonly source: string
}

/** Options of cote that are ways, in the order in which cote looks at them. */
const OF_COTE = ['unicast', 'redis', 'multicast', 'broadcast'] as const

/** The variables that count: those of cote for Redis only where nothing counts before them. */
export function variablesOfWays (given: CoteOptions, variables: Variables): Variables {
  const isChosen = isText(variables.MESH_DISCOVERY) ||
    (['discovery', ...OF_COTE] as const).some(name => isGiven(given[name]))
  return isChosen ? withoutRedis(variables) : variables
}

/** What the ways of a node are chosen from. */
export interface WayChoice {
  /** The options that the user gave. */
  readonly given: CoteOptions
  /** The same with what variables and defaults add. */
  readonly values: Values
  /** The variables that gave a value, by the names of the options. */
  readonly sources: Readonly<Record<string, string>>
  /** What messages call the option `discovery`. */
  readonly discoverySource: string
}

/**
 * The ways of a node, of which the first that is given counts: the option `discovery`, its variable, one of cote's
 * options, one of cote's variables, the default.
 */
export function chooseWays ({ given, values, sources, discoverySource }: WayChoice): ChosenWay[] {
  const { discovery } = values
  if (discovery !== undefined) {
    return waysOf(discovery).map(way => ({ way, source: sources.discovery ?? discoverySource }))
  }
  const name = OF_COTE.find(each => isGiven(given[each])) ?? OF_COTE.find(each => isGiven(values[each])) ?? 'broadcast'
  return waysOfCote(name, values).map(way => ({ way, source: sources[name] ?? `option 'cote.${name}'` }))
}

function waysOfCote (name: typeof OF_COTE[number], values: Values): Way[] {
  if (name !== 'redis') return [new UdpWay(name, [values[name] ?? []].flat())]
  const { place } = readRedisOptions(values.redis)
  return place === undefined ? [] : [new RedisWay(place)]
}

/** What keeps ways from ever being opened, a sentence each. */
export function unusableFaults (ways: readonly ChosenWay[]): string[] {
  return ways.flatMap(({ way, source }) => way.faults?.().map(fault => `${source} ${fault}`) ?? [])
}
