import { getMetadataStorage, validateSync, type ValidationError } from 'class-validator'
import { staysOnThisMachine } from '../transport/cote/cote-options'
import { CoteOptionRules, ModuleOptionRules } from './option-rules'
import type { DistributedModuleOptions } from './options'

/** All that is wrong with the options of `forRoot`, each fault in a sentence; empty when nothing is. */
export function optionFaults (options: DistributedModuleOptions): string[] {
  if (typeof options !== 'object' || options === null) {
    return ['forRoot needs an options object; give {} for all defaults']
  }
  // Not class-transformer: it would copy what the options hold, the app among it.
  const checked = Object.assign(new ModuleOptionRules(), options)
  const { cote } = options
  if (typeof cote === 'object' && cote !== null) checked.cote = Object.assign(new CoteOptionRules(), cote)
  const faults = validateSync(checked, { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: false })
    .flatMap(error => describeFaults(error, '', ModuleOptionRules))
  return faults.length > 0 ? faults : combinationFaults(options)
}

/** Options that are fine one by one, but not together. */
function combinationFaults ({ cote = {}, transport, insecure }: DistributedModuleOptions): string[] {
  const faults: string[] = []
  const { basePort, highestPort } = cote
  if (highestPort !== undefined && (basePort === undefined || basePort > highestPort)) {
    faults.push(`option 'cote.highestPort' is ${highestPort}, but needs a 'cote.basePort' that is not above it`)
  }
  if (transport === undefined && insecure !== true && !staysOnThisMachine(cote)) {
    faults.push("option 'cote' names an address beyond this machine, where anybody could call this node; " +
      'leave it out, or say insecure: true if the network is trusted')
  }
  return faults
}

function describeFaults (
  { property, constraints = {}, children = [] }: ValidationError, prefix: string, rules: object
): string[] {
  const name = prefix + property
  const own = Object.entries(constraints).map(([rule, message]) => rule === 'whitelistValidation'
    ? `unknown option '${name}'${suggestion(property, optionNames(rules))}`
    : `option '${name}' is wrong: ${message}`)
  return [...own, ...children.flatMap(child => describeFaults(child, `${name}.`, CoteOptionRules))]
}

/** The options that there are rules for. */
function optionNames (rules: object): string[] {
  // The storage wants the legacy type Function, which every class is.
  const metadata = getMetadataStorage().getTargetValidationMetadatas(rules as new () => unknown, '', false, false)
  return [...new Set(metadata.map(({ propertyName }) => propertyName))]
}

function suggestion (name: string, names: readonly string[]): string {
  const near = names.find(candidate => distance(candidate.toLowerCase(), name.toLowerCase()) <= 2)
  return near === undefined ? `; there are: ${[...names].sort().join(', ')}` : `; did you mean '${near}'?`
}

/** How many letters two names differ by (Levenshtein). */
function distance (a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, n) => n)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min((next[j - 1] ?? 0) + 1, (row[j] ?? 0) + 1, replaced))
    }
    row = next
  }
  return row[b.length] ?? 0
}
