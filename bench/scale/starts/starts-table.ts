import { median, short } from '../../report/statistics'
import { table } from '../../report/table'
import type { StartFigures, StartSize } from './measure-start'

/** One mesh, and the figures of all of its rounds; with those of another commit, if there is one. */
export interface Starts {
  readonly size: StartSize
  readonly here: readonly StartFigures[]
  readonly there?: readonly StartFigures[]
}

/** The starts of one run of the bench. */
export interface StartsRun {
  /** The commit that was measured beside this one. */
  readonly against?: string
  readonly starts: readonly Starts[]
}

const medianOf = (rounds: readonly StartFigures[], figure: keyof StartFigures): number =>
  median(rounds.map(round => round[figure]))

function seconds (rounds: readonly StartFigures[]): string {
  const all = medianOf(rounds, 'all')
  return Number.isNaN(all) ? 'never' : `${short(all / 1_000)} s`
}

/** Only meshes of this package are those of another commit as well. */
function ofOther (rounds: readonly StartFigures[]): readonly string[] {
  return rounds.length === 0 ? ['', ''] : [seconds(rounds), `${short(medianOf(rounds, 'cpu'))} s`]
}

/** One line for each mesh. */
export function startsTable ({ starts, against }: StartsRun): string {
  const other = against === undefined ? [] : [`all see all, ${against}`, `CPU of all, ${against}`]
  const head = ['mesh', 'discovery', 'nodes', 'services of each', 'all see all', 'CPU of all', ...other,
    'connections opened', 'memory of all', 'rounds']
  return table(head, starts.map(({ size, here, there = [] }) => [
    size.system === 'ours' ? size.work : `${size.work}, Moleculer`,
    size.work === 'memory' ? '' : size.way,
    String(size.nodes),
    String(size.services),
    seconds(here),
    `${short(medianOf(here, 'cpu'))} s`,
    ...against === undefined ? [] : ofOther(there),
    short(medianOf(here, 'dials')),
    `${short(medianOf(here, 'memory') / 1e6)} MB`,
    String(here.length)
  ]))
}
