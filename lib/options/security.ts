import { isGiven, isOptions } from '../option-table/given'
import type { Table } from '../option-table/option'
import type { Variables } from '../option-table/variable'
import { HIDDEN } from '../printable'
import { certificateFaults, type CertificatesOption } from '../transport/cote/security/certificates/certificate-ring'
import { secretFaults, type Secret } from '../transport/secrets/key-ring'
import { BOTH, type SecurityOptions } from '../transport/cote/security/security-of'
import { secretFileVariable, secretVariable } from './secret-file'

/** The options that close a node, with what variables add. */
export interface SecurityChoice {
  readonly secret: Secret | undefined
  readonly tls: CertificatesOption | undefined
  readonly key: string
}

/** What closes a node, and what is wrong with it. */
export interface ResolvedSecurity {
  readonly security: SecurityOptions
  readonly faults: readonly string[]
}

/**
 * What nodes prove to each other. Certificates that are given go before a secret of a variable.
 *
 * @param source - the variable that the secret comes from, where no option gives it
 */
export function resolveSecurity (
  { secret, tls, key }: SecurityChoice, source: string | undefined, variables: Variables
): ResolvedSecurity {
  if (isGiven(tls)) {
    if (secret !== undefined && source === undefined) return { security: {}, faults: [BOTH] }
    return { security: { tls }, faults: certificateFaults(tls, "option 'tls'", key) }
  }
  if (secret === undefined) return { security: {}, faults: [] }
  const set = [secretVariable, secretFileVariable].filter(({ name }) => variables[name] !== undefined)
  if (source !== undefined && set.length > 1) {
    return { security: {}, faults: ['MESH_SECRET and MESH_SECRET_FILE both give the secret; unset one of them'] }
  }
  return { security: { secret }, faults: secretFaults(secret, source ?? "option 'secret'") }
}

/** The same options for all to see, those of nested tables included. */
export function hideSecrets<T extends object> (options: T, table: Table): T {
  const hidden: Record<string, unknown> = {}
  for (const [name, { isHidden, kind }] of Object.entries(table)) {
    const value: unknown = Reflect.get(options, name)
    if (!isGiven(value)) continue
    const { table: inner } = kind
    const shown = inner !== undefined && isOptions(value) ? hideSecrets(value, inner) : value
    if (isHidden(value)) hidden[name] = HIDDEN
    else if (shown !== value) hidden[name] = shown
  }
  return Object.keys(hidden).length === 0 ? options : { ...options, ...hidden }
}
