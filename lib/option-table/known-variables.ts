import { nearestName } from '../contract/nearest-name'
import type { Table } from './option'
import type { Variables } from './variable'

const PREFIX = 'MESH_'
/** Kubernetes sets these in each container, for a service that is called `mesh`, or `mesh-…`. */
const OF_KUBERNETES = /^MESH_(?:\w+_)?(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT(?:_\d\w*)?)$/

/** The names of the variables that the options of a table have, those of nested tables included. */
export function variableNames (table: Table): string[] {
  const names = Object.values(table).flatMap(({ variables, kind }) => [
    ...variables.map(({ name }) => name), ...kind.table === undefined ? [] : variableNames(kind.table)
  ])
  return [...new Set(names)]
}

/**
 * Variables whose names are nearly those of ours, a sentence each. Others may well be of another program that has the
 * prefix as well.
 */
export function unknownVariables (table: Table, variables: Variables): string[] {
  return unknownNames(table, variables).flatMap(({ name, near }) => {
    return near === undefined ? [] : [`unknown variable '${name}' in the environment; did you mean '${near}'?`]
  })
}

/** A variable with the prefix of ours that no option has. */
export interface UnknownVariable {
  readonly name: string
  /** The variable that was probably meant. */
  readonly near?: string
}

/** All variables with the prefix of ours that no option has; they may be of another program. */
export function unknownNames (table: Table, variables: Variables): UnknownVariable[] {
  const names = Object.keys(variables).filter(name => name.startsWith(PREFIX) && !OF_KUBERNETES.test(name))
  if (names.length === 0) return []
  const known = variableNames(table).filter(name => name.startsWith(PREFIX))
  return names.filter(name => !known.includes(name)).map(name => {
    const near = nearestName(name, known)
    return near === undefined ? { name } : { name, near }
  })
}
