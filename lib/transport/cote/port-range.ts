/** Both ends of a range of TCP ports; without any of them, the system chooses a port. */
export interface PortRange {
  readonly basePort: number | undefined
  readonly highestPort: number | undefined
}

/** Where the ends of a range come from. */
export interface PortSources {
  /** The variables that gave an end, by the names of the options. */
  readonly sources: Readonly<Record<string, string>>
  /** Whether an end that is missing is that of feathers-distributed. */
  readonly isDistributed: boolean
}

/** A range of ports, and what is wrong with what it is made of. */
export interface ResolvedPorts {
  readonly ports: PortRange
  readonly faults: readonly string[]
  /** Variables that are ignored, a sentence each. */
  readonly warnings: readonly string[]
}

/** The range of feathers-distributed. */
const DISTRIBUTED = { basePort: 10_000, highestPort: 20_000 }

/**
 * Completes a range of ports, and checks it. A variable of feathers-distributed ends no start: where it leaves no port,
 * it is ignored.
 */
export function resolvePorts (ports: PortRange, { sources, isDistributed }: PortSources): ResolvedPorts {
  const { basePort, highestPort } = ports
  const found = { ports, faults: [], warnings: [] }
  if (basePort === undefined && highestPort === undefined) return found
  if (basePort !== undefined && highestPort !== undefined) {
    return basePort <= highestPort ? found : withoutVariable({ basePort, highestPort }, sources)
  }
  if (isDistributed) return { ...found, ports: complete(ports) }
  return highestPort === undefined ? found : { ...found, faults: [wrongEnd(highestPort)] }
}

/** The end that is missing is that of feathers-distributed, or the other end where that one lies beyond it. */
function complete ({ basePort, highestPort }: PortRange): PortRange {
  return {
    basePort: basePort ?? Math.min(DISTRIBUTED.basePort, highestPort ?? Infinity),
    highestPort: highestPort ?? Math.max(DISTRIBUTED.highestPort, basePort ?? 0)
  }
}

/** A range that is the wrong way round: an end that a variable gives yields to the other one. */
function withoutVariable (
  { basePort, highestPort }: { readonly basePort: number, readonly highestPort: number },
  sources: Readonly<Record<string, string>>
): ResolvedPorts {
  const base = sources.basePort ?? "option 'cote.basePort'"
  if (sources.highestPort !== undefined) {
    const warning = `${sources.highestPort} is ${highestPort}, which is below ${base} (${basePort}); it is ignored`
    return { ports: complete({ basePort, highestPort: undefined }), faults: [], warnings: [warning] }
  }
  if (sources.basePort !== undefined) {
    const warning = `${base} is ${basePort}, which is above option 'cote.highestPort' (${highestPort}); it is ignored`
    return { ports: complete({ basePort: undefined, highestPort }), faults: [], warnings: [warning] }
  }
  return { ports: { basePort, highestPort }, faults: [wrongEnd(highestPort)], warnings: [] }
}

function wrongEnd (highestPort: number): string {
  return `option 'cote.highestPort' is ${highestPort}, but needs a 'cote.basePort' that is not above it`
}
