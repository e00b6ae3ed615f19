import { meshOf } from '../feathers/mesh'
import { isGiven } from '../option-table/given'
import type { OptionsOf, ResolvedOf } from '../option-table/option'
import type { Environment } from '../option-table/variable'
import type { CoteOptions } from '../transport/cote/cote-options'
import { CoteTransport } from '../transport/cote/cote-transport'
import { resolveCoteOptions } from '../transport/cote/resolve-options'
import type { Transport } from '../transport/transport'
import { aliasFaults, toCoteInput } from './aliases'
import type { COMMON_OPTIONS } from './common-options'
import { resolveSecurity } from './security'

type Given = OptionsOf<typeof COMMON_OPTIONS>

/** Options of a node as far as its transport goes. */
export interface TransportInput {
  /** The options that the user gave. */
  readonly given: Given
  /** The same with what the environment and the defaults add. */
  readonly options: ResolvedOf<typeof COMMON_OPTIONS>
  /** The variables that gave a value, by the names of the options. */
  readonly sources: Readonly<Record<string, string>>
  readonly environment: Environment
  /** Defaults of cote's options that take the place of those of its table. */
  readonly instead: CoteOptions
}

/** How the transport of a node is made, and what is wrong with its options. */
export interface ResolvedTransport {
  readonly faults: readonly string[]
  /** Whether anybody could call the node from another machine. */
  readonly isOpen: boolean
  readonly make: () => Transport
}

/** The transport that the options choose. This is the one place that makes one from a name. */
export function resolveTransport (input: TransportInput): ResolvedTransport {
  const { transport } = input.options
  return typeof transport === 'string' ? resolveCote(input) : resolveOwn(transport, input.given)
}

/** Options that only a transport that is made here takes. */
const OF_TRANSPORT = ['environment', 'listen'] as const
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
    // Another transport has its own way of being closed.
    isOpen: false,
    make: () => transport
  }
}

function resolveCote ({ given, options, sources, environment, instead }: TransportInput): ResolvedTransport {
  const { cote, addressSource } = toCoteInput(given, options, sources)
  const resolution = resolveCoteOptions(cote, environment, instead, { address: addressSource })
  const { security, faults } = resolveSecurity(options, sources.secret, environment)
  const isClosed = security.secret !== undefined || security.tls !== undefined
  return {
    faults: [...aliasFaults(given), ...resolution.faults, ...faults],
    isOpen: !isClosed && !resolution.options.staysOnThisMachine,
    make: () => new CoteTransport(resolution.options, security)
  }
}
