import { suggestion } from './check'
import type { Table } from './option'
import type { Environment } from './variable'

const PREFIX = 'MESH_'

/** The names of the variables that the options of a table have, those of nested tables included. */
export function variableNames (table: Table): string[] {
  const names = Object.values(table).flatMap(({ variables, kind }) => [
    ...variables.map(({ name }) => name), ...kind.table === undefined ? [] : variableNames(kind.table)
  ])
  return [...new Set(names)]
}

/** Variables that look like ours and are not, a sentence each. */
export function unknownVariables (table: Table, environment: Environment): string[] {
  const known = variableNames(table).filter(name => name.startsWith(PREFIX))
  return Object.keys(environment).filter(name => name.startsWith(PREFIX) && !known.includes(name))
    .map(name => `unknown variable '${name}' in the environment${suggestion(name, known)}`)
}
