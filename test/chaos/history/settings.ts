import type { DistributedModuleOptions } from 'feathers-mesh'

/** What a process of a world is started with. */
export interface Settings {
  /** Another one for each process. */
  readonly name: string
  /** The file of its journal. */
  readonly journal: string
  /** The file with the list of secrets; none on an open mesh. */
  readonly secretFile?: string
  readonly seed: number
  readonly options: DistributedModuleOptions
}

/** The settings that this process was started with. */
export function readSettings (): Settings {
  return JSON.parse(process.env.SETTINGS ?? '{}') as Settings
}
