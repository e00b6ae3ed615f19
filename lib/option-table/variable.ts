/** The variables of the process by their names, as `process.env` has them. */
export type Variables = Readonly<Record<string, string | undefined>>

/** Makes a value of a text, as an option does. */
export interface TextParser {
  parse (text: string): unknown
}

/** A variable that gives an option. */
export interface Variable {
  readonly name: string
  /** What it says; undefined where it is not set, or says nothing. */
  readonly read: (variables: Variables, parser: TextParser) => unknown
  /** Whether another package defines it: a value that the option can't take is ignored then, with a warning. */
  readonly isForeign?: boolean
}

/** A variable of this package: its text has to be one that the option takes. */
export function meshVariable (name: string): Variable {
  return {
    name,
    read: (variables, parser) => {
      const text = variables[name]
      return text === undefined || text === '' ? undefined : parser.parse(text)
    }
  }
}

/** A variable of another package: read as that one reads it. */
export function foreignVariable (name: string, parse: (text: string) => unknown): Variable {
  return {
    name,
    isForeign: true,
    read: variables => {
      const text = variables[name]
      return text === undefined || text === '' ? undefined : parse(text)
    }
  }
}
