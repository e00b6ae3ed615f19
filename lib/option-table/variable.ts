/** Variables by their names, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>

/** Makes a value of a text, as an option does. */
export interface TextParser {
  parse (text: string): unknown
}

/** A variable of the environment that gives an option. */
export interface Variable {
  readonly name: string
  /** What it says; undefined where it is not set, or says nothing. */
  readonly read: (environment: Environment, parser: TextParser) => unknown
}

/** A variable of this package: its text has to be one that the option takes. */
export function meshVariable (name: string): Variable {
  return {
    name,
    read: (environment, parser) => {
      const text = environment[name]
      return text === undefined || text === '' ? undefined : parser.parse(text)
    }
  }
}

/** A variable of another package: read as that one reads it, and ignored where it says nothing. */
export function foreignVariable (name: string, parse: (text: string) => unknown): Variable {
  return {
    name,
    read: environment => {
      const text = environment[name]
      if (text === undefined || text === '') return undefined
      const value = parse(text)
      return Number.isNaN(value) ? undefined : value
    }
  }
}
