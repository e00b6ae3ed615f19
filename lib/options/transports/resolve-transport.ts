import { meshOf } from '../../feathers/mesh'
import { isGiven } from '../../option-table/given'
import type { OptionsOf, ResolvedOf } from '../../option-table/option'
import type { Variables } from '../../option-table/variable'
import { CoteTransport } from '../../transport/cote/cote-transport'
import { resolveCoteOptions, type CoteContext } from '../../transport/cote/resolve-options'
import { NatsBroker } from '../../transport/nats/nats-broker'
import type { Transport } from '../../transport/transport'
import { aliasFaults, toCoteInput } from '../aliases'
import type { COMMON_OPTIONS } from '../common-options'
import { resolveSecurity } from '../security'
import { isNatsUrl } from './transport-choice'

type Given = OptionsOf<typeof COMMON_OPTIONS>

/** Options of a node as far as its transport goes. */
export interface TransportInput {
  /** The options that the user gave. */
  readonly given: Given
  /** The same with what variables and defaults add. */
  readonly resolved: ResolvedOf<typeof COMMON_OPTIONS>
  /** The variables that gave a value, by the names of the options. */
  readonly sources: Readonly<Record<string, string>>
  readonly variables: Variables
}

/** How the transport of a node is made, and what is wrong with its options. */
export interface ResolvedTransport {
  readonly faults: readonly string[]
  /** What to warn of, a sentence each. */
  readonly warnings: readonly string[]
  /** Whether anybody could call the node from another machine. */
  readonly isOpen: boolean
  /** What makes it so, as messages name it. */
  readonly opening: readonly string[]
  /** What the node listens on for others. */
  readonly address: string
  readonly make: () => Transport
}

/**
 * The transport that the options choose. This is the one place that makes one from a name.
 *
 * @param coteContext - what the defaults of cote's options depend on
 */
export function resolveTransport (input: TransportInput, coteContext: CoteContext = {}): ResolvedTransport {
  const { transport } = input.resolved
  if (transport instanceof NatsBroker) return resolveNats(input, transport)
  if (typeof transport !== 'string') return resolveOwn(transport, input.given)
  if (!isNatsUrl(transport)) return resolveCote(input, coteContext)
  // It was read before, so there is one.
  return resolveNats(input, NatsBroker.read(SOURCE, transport) as NatsBroker)
}

/** How messages call the option that chooses the transport. */
const SOURCE = "option 'transport'"

/** Options that only a transport that is made here takes. */
const OF_TRANSPORT = ['environment', 'discovery', 'advertise', 'listen'] as const
const OF_SECURITY = ['secret', 'tls'] as const

function resolveOwn (transport: Transport, given: Given): ResolvedTransport {
  const advice = 'is for the transport that is made here; give it to your own'
  return {
    faults: [
      ...OF_SECURITY.filter(name => isGiven(given[name]))
        .map(name => `option '${name}' ${advice}: new CoteTransport(cote, { ${name} })`),
      ...OF_TRANSPORT.filter(name => isGiven(given[name])).map(name => `option '${name}' ${advice}`),
      ...meshOf(transport) === undefined
        ? []
        : ["option 'transport' is an object that serves another node already; make one for each node"]
    ],
    warnings: [],
    // Another transport has its own way of being closed.
    isOpen: false,
    opening: [],
    // Nobody can ask such a transport.
    address: '127.0.0.1',
    make: () => transport
  }
}

/** Options that say how nodes of cote reach each other, and that a broker needs none of. */
const OF_COTE = ['cote', 'discovery', 'advertise', 'listen'] as const

function resolveNats ({ given, resolved, sources, variables }: TransportInput, broker: NatsBroker): ResolvedTransport {
  const source = sources.transport ?? SOURCE
  const ignored = OF_COTE.filter(name => isGiven(given[name])).map(name => `'${name}'`)
  const { security, faults } = resolveSecurity(resolved, sources.secret, variables)
  return {
    faults: [...faults, ...broker.faults(), ...security.tls === undefined ? [] : [NO_TLS]],
    warnings: ignored.length === 0
      ? []
      : [`${source} chooses NATS, and ${ignored.join(', ')} ${ignored.length > 1 ? 'are' : 'is'} for cote: ` +
        `${ignored.length > 1 ? 'they are' : 'it is'} ignored`],
    isOpen: security.secret === undefined && !broker.staysOnThisMachine && !broker.isClosed,
    opening: [source],
    // No node connects to this one, so that its probes are for this machine unless their option says otherwise.
    address: '127.0.0.1',
    make: () => broker.make({ environment: resolved.environment, secret: security.secret })
  }
}

const NO_TLS = "option 'tls' is for connections between nodes, and those of NATS are to its server; give nats({ tls })"

function resolveCote (
  { given, resolved, sources, variables }: TransportInput, coteContext: CoteContext
): ResolvedTransport {
  const { cote, ...sourcesOfCote } = toCoteInput(given, resolved, sources)
  const resolution = resolveCoteOptions(cote, variables, { ...coteContext, ...sourcesOfCote })
  const { security, faults } = resolveSecurity(resolved, sources.secret, variables)
  const isClosed = security.secret !== undefined || security.tls !== undefined
  return {
    faults: [...aliasFaults(given), ...resolution.faults, ...faults],
    warnings: resolution.warnings,
    isOpen: !isClosed && !resolution.resolved.staysOnThisMachine,
    opening: resolution.opening,
    address: resolution.resolved.listen.host,
    make: () => new CoteTransport(resolution.resolved, security)
  }
}
