/** A value as a text: of JSON where that expresses it exactly, else of our own format. */
export interface EncodedValue {
  readonly plain: boolean
  readonly text: string
  /**
   * What travels beside it, for who knows of that: what outside clients get in the place of objects in the value, and
   * details. A table that goes on where that of the value ends, so that they share what they have in common.
   */
  readonly beside?: string
}

/** What is said beside a value, by its name. */
export type Details = Readonly<Record<string, unknown>>

export interface EncodeOptions {
  /** What the value is called in the paths of errors; its fields start them where there is no name. */
  readonly root?: string
  /** Whether what can't be sent is left out there, and not refused; what errors carry always is. */
  readonly leavesOut?: (path: string) => boolean
  /** Whether errors take their stacks along. */
  readonly stacks?: boolean
}
