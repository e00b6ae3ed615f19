/** A value as text: as JSON where JSON expresses it exactly, else in the format of this package. */
export interface EncodedValue {
  /** Whether the text is JSON of the value itself. */
  readonly plain: boolean
  readonly text: string
  /**
   * Details, and what outside clients get in place of objects in the value; receivers that don't know of it ignore it.
   * It continues the table of the value, so that both can refer to the same objects.
   */
  readonly beside?: string
}

/** A value, and the details that travelled beside it. */
export interface DecodedValue {
  readonly value: unknown
  /** Undefined where there are none. Both the names and the values are the peer's choice. */
  readonly details?: Details
}

/** Values that travel beside another one, by their names. */
export type Details = Readonly<Record<string, unknown>>

/** How a value is encoded. */
export interface EncodeOptions {
  /** The name of the value in the paths of errors. Without it, paths begin with the fields of the value. */
  readonly root?: string
  /** Whether a value that can't be sent is omitted at a path, and not rejected. In errors it always is omitted. */
  readonly leavesOut?: (path: string) => boolean
  /** Whether errors include their stacks. */
  readonly stacks?: boolean
  /** Values that travel beside this one. Parts of them that can't be sent are omitted, but not a whole detail. */
  readonly details?: Details
  /** Whether details may refer to objects of the value, which they then still share after decoding. */
  readonly sharesObjects?: boolean
  /** Whether the value is a message: its fields that are undefined are omitted. */
  readonly omitsUndefined?: boolean
  /** Whether JSON is not tried: for values that are known not to be plain, or for errors, whose class would be lost. */
  readonly asTable?: boolean
}
