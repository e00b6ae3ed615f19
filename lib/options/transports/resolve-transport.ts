import { meshOf } from '../../feathers/mesh'
import { isGiven } from '../../option-table/given'
import type { OptionsOf, ResolvedOf } from '../../option-table/option'
import type { Variables } from '../../option-table/variable'
import { CoteTransport } from '../../transport/cote/cote-transport'
import { resolveCoteOptions, type CoteContext } from '../../transport/cote/resolve-options'
import { NatsBroker } from '../../transport/nats/nats-broker'
import { SeveralTransports } from '../../transport/several/several-transports'
import type { Transport } from '../../transport/transport'
import { aliasFaults, toCoteInput } from '../aliases'
import type { COMMON_OPTIONS } from '../common-options'
import { resolveSecurity } from '../security'
import { isNatsUrl, type TransportSpec } from './transport-choice'

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
  const specs = [transport].flat()
  if (specs.length > 1) return severalOf(specs.map(spec => resolveSpec(spec, input, coteContext)), specs, input)
  const [spec] = specs
  const resolved = resolveSpec(spec, input, coteContext)
  const withFaults = (more: readonly string[]): ResolvedTransport =>
    ({ ...resolved, faults: [...resolved.faults, ...more] })
  if (isBroker(spec)) return { ...withFaults(tlsFaults(input)), warnings: coteWarnings(input) }
  return isNamed(spec) ? resolved : withFaults(ownFaults(input.given))
}

/** One of the transports of a node. */
function resolveSpec (transport: TransportSpec, input: TransportInput, coteContext: CoteContext): ResolvedTransport {
  if (transport instanceof NatsBroker) return resolveNats(input, transport)
  if (typeof transport !== 'string') return resolveOwn(transport)
  if (!isNatsUrl(transport)) return resolveCote(input, coteContext)
  // It was read before, so there is one.
  return resolveNats(input, NatsBroker.read(SOURCE, transport) as NatsBroker)
}

/** Where a transport listens that nobody from elsewhere can ask. */
const LOOPBACK = '127.0.0.1'

/** How messages call the option that chooses the transport. */
const SOURCE = "option 'transport'"

/** Options that only a transport that is made here takes. */
const OF_TRANSPORT = ['environment', 'discovery', 'advertise', 'listen'] as const
const OF_SECURITY = ['secret', 'tls'] as const

/** The faults of options that nothing takes, as the node has transports of its own only. */
function ownFaults (given: Given): string[] {
  const advice = 'is for the transport that is made here; give it to your own'
  return [
    ...OF_SECURITY.filter(name => isGiven(given[name]))
      .map(name => `option '${name}' ${advice}: new CoteTransport(cote, { ${name} })`),
    ...OF_TRANSPORT.filter(name => isGiven(given[name])).map(name => `option '${name}' ${advice}`)
  ]
}

function resolveOwn (transport: Transport): ResolvedTransport {
  return {
    faults: [
      ...meshOf(transport) === undefined
        ? []
        : ["option 'transport' is an object that serves another node already; make one for each node"]
    ],
    warnings: [],
    // Another transport has its own way of being closed.
    isOpen: false,
    opening: [],
    // Nobody can ask such a transport.
    address: LOOPBACK,
    make: () => transport
  }
}

/** Options that say how nodes of cote reach each other, and that a broker needs none of. */
const OF_COTE = ['cote', 'discovery', 'advertise', 'listen'] as const

/** Tells of options for cote where no transport is one. */
function coteWarnings ({ given, sources }: TransportInput): string[] {
  const ignored = OF_COTE.filter(name => isGiven(given[name])).map(name => `'${name}'`)
  if (ignored.length === 0) return []
  const [are, they] = ignored.length > 1 ? ['are', 'they are'] : ['is', 'it is']
  return [`${sources.transport ?? SOURCE} chooses NATS, and ${ignored.join(', ')} ${are} for cote: ${they} ignored`]
}

function tlsFaults ({ resolved, sources, variables }: TransportInput): string[] {
  return resolveSecurity(resolved, sources.secret, variables).security.tls === undefined ? [] : [NO_TLS]
}

/** Several transports: each has its own faults, and the most open one tells how open the node is. */
function severalOf (
  all: readonly ResolvedTransport[], specs: readonly TransportSpec[], input: TransportInput
): ResolvedTransport {
  const hasCote = specs.includes('cote')
  const hasMade = specs.some(spec => isNamed(spec) || isBroker(spec))
  const open = all.filter(({ isOpen }) => isOpen)
  const { address } = all.find(each => each.address !== LOOPBACK) ?? all[0]
  return {
    // Options that several of them take have the same faults.
    faults: [...new Set([
      ...all.flatMap(({ faults }) => faults),
      ...hasCote ? [] : hasMade ? tlsFaults(input) : ownFaults(input.given)
    ])],
    warnings: [...all.flatMap(({ warnings }) => warnings), ...hasCote || !hasMade ? [] : coteWarnings(input)],
    isOpen: open.length > 0,
    opening: [...new Set(open.flatMap(({ opening }) => opening))],
    address,
    make: () => new SeveralTransports(all.map(({ make }) => make()))
  }
}

function isNamed (spec: TransportSpec): boolean {
  return typeof spec === 'string' && !isNatsUrl(spec)
}

function isBroker (spec: TransportSpec): boolean {
  return spec instanceof NatsBroker || (typeof spec === 'string' && isNatsUrl(spec))
}

function resolveNats ({ resolved, sources, variables }: TransportInput, broker: NatsBroker): ResolvedTransport {
  const source = sources.transport ?? SOURCE
  const { security, faults } = resolveSecurity(resolved, sources.secret, variables)
  return {
    faults: [...faults, ...broker.faults()],
    warnings: [],
    isOpen: security.secret === undefined && !broker.staysOnThisMachine && !broker.isClosed,
    opening: [source],
    // No node connects to this one, so that its probes are for this machine unless their option says otherwise.
    address: LOOPBACK,
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
