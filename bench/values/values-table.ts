import { systemsOf } from '../report/figure-table'
import { table } from '../report/table'
import { titleOf, type SystemName } from '../systems/systems'
import { ARRIVES } from './verdict'

/** How a value arrives as a result and as an argument; what is thrown has one way only. */
export interface Ways {
  readonly result: string
  readonly argument?: string
}

/** By system, and by the name of the value. */
export type ValuesRun = Readonly<Partial<Record<SystemName, Readonly<Record<string, Ways>>>>>

function cell ({ result, argument = result }: Ways): string {
  const text = result === argument ? result : `result ${result}; argument ${argument}`
  return text === ARRIVES ? text : `\`${text.replaceAll('`', "'").replaceAll('|', '¦')}\``
}

export function valuesTable (run: ValuesRun): string {
  const systems = systemsOf(run)
  const names = Object.keys(run[systems[0] ?? 'ours'] ?? {})
  return table(['', ...systems.map(titleOf)], names.map(name => {
    return [name, ...systems.map(system => cell(run[system]?.[name] ?? { result: '–' }))]
  }))
}
