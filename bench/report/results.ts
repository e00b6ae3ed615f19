import type { Figures } from '../work/measurement'
import type { SystemName } from '../systems/systems'

/** A figure of each round. What got lost is null, as JSON has it. */
export type Rounds = ReadonlyArray<number | null>

/** All figures of a run, by system and name; what is written as JSON. */
export type RunFigures = Readonly<Partial<Record<SystemName, Readonly<Record<string, Rounds>>>>>

/** Gathers what is measured, round by round. */
export class Results {
  private readonly systems = new Map<SystemName, Record<string, Array<number | null>>>()

  add (system: SystemName, measured: Figures | null): void {
    const own = this.systems.get(system) ?? {}
    this.systems.set(system, own)
    for (const [figure, value] of Object.entries(measured ?? {})) {
      own[figure] = [...own[figure] ?? [], Number.isNaN(value) ? null : Number(value.toPrecision(5))]
    }
  }

  get figures (): RunFigures {
    return Object.fromEntries(this.systems)
  }
}
