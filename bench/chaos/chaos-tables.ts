import { systemsOf } from '../report/figure-table'
import { median, short } from '../report/statistics'
import { table } from '../report/table'
import { titleOf, type SystemName } from '../systems/systems'
import type { Killed } from './kill-round'

/** What each round gave, by system. */
export type Outcomes = Readonly<Partial<Record<SystemName, readonly Killed[]>>>

export interface ChaosRun {
  readonly rounds: number
  readonly idempotent: Outcomes
  readonly others: Outcomes
}

const sum = (figures: readonly number[]): number => figures.reduce((total, figure) => total + figure, 0)

/** Median, and the worst of all rounds. */
const times = (figures: readonly number[]): string => `${short(median(figures))} ms (${short(Math.max(...figures))} ms)`

function tableOf (head: readonly string[], outcomes: Outcomes, cells: (rounds: readonly Killed[]) => string[]): string {
  return table(head, systemsOf(outcomes).map(system => [titleOf(system), ...cells(outcomes[system] ?? [])]))
}

export function chaosTables ({ rounds, idempotent, others }: ChaosRun): string {
  const repeatable = tableOf(
    ['calls that may be repeated', 'calls', 'failed', 'slowest call', 'recovery'],
    idempotent,
    killed => [
      short(sum(killed.map(({ calls }) => calls))),
      String(sum(killed.map(({ failed }) => failed))),
      times(killed.map(({ slowest }) => slowest)),
      times(killed.map(({ recovery }) => recovery))
    ]
  )
  const other = tableOf(
    ['other calls', 'calls', 'failed', 'last failure after the kill', 'run twice'],
    others,
    killed => [
      short(sum(killed.map(({ calls }) => calls))),
      String(sum(killed.map(({ failed }) => failed))),
      times(killed.map(({ lastFailure }) => lastFailure)),
      String(sum(killed.map(({ twice }) => twice)))
    ]
  )
  return [
    `\`kill -9\` of one of two replicas under 32 concurrent calls, ${rounds} times. Times are medians (and the worst);`,
    'recovery is from the kill until answers come at 90 % of the rate before it, and no call fails any more.',
    '',
    repeatable,
    '',
    other
  ].join('\n')
}
