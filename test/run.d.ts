export interface Plan {
  readonly isBuilt: boolean
  /** Arguments of jest, run by run. */
  readonly runs: ReadonlyArray<readonly string[]>
  readonly leftOut: readonly string[]
}

export interface Arguments {
  readonly words: readonly string[]
  readonly options: readonly string[]
  readonly isAll: boolean
}

export function planOf (
  given: Pick<Arguments, 'words' | 'isAll'> & Partial<Arguments>, files?: readonly string[]
): Plan
export function readArguments (args: readonly string[]): Arguments
export function suiteOf (file: string): 'unit' | 'build' | 'heavy'
export function testFiles (): string[]
export function isWell (runs: ReadonlyArray<() => number | null>): boolean
