import { meshVariable, type Variable, type Variables } from './variable'

/** Where a value came from, as messages name it. */
export interface Place {
  /** `option 'cote.port'`, or the name of a variable of the process. */
  readonly name: string
  /** The subject of a sentence about the value: the last part of the name, or `it`. */
  readonly subject: string
}

/** What a variable says of an option. */
export interface VariableValue {
  readonly name: string
  readonly value: unknown
  /** Whether another package defines the variable. */
  readonly isForeign: boolean
}

/** What an option takes. */
export interface Kind {
  /** All that is wrong with a value, a sentence each. */
  faults (value: unknown, place: Place): string[]
  /** The value that the text of a variable stands for; the text itself where the check is to reject it. */
  parse (text: string): unknown
  /** Whether an empty text is the same as none. */
  readonly isNoneIfEmpty?: boolean
  /** What a number counts. */
  readonly unit?: 'ms' | 'bytes'
  /** The options of an option that is an object of options. */
  readonly table?: Table
}

/** Which values of an option must not be shown. */
export type HidesValue = (value: unknown) => boolean

/**
 * One row of a table of options: what it takes, which variables of the process give it, and its default.
 *
 * Its doc comment stands above the row. Types of options are mapped from the table, and TypeScript keeps the comments
 * of mapped properties: editors show them, and the generator of docs/options.md reads them.
 */
export class Option<T> {
  /** @param isHidden - which of its values are shown to nobody. @default none */
  constructor (
    readonly kind: Kind, readonly variables: readonly Variable[] = [], readonly isHidden: HidesValue = () => false
  ) {}

  /** The same, with the variables that give it where no option does; the first one that is set counts. */
  from (...variables: ReadonlyArray<string | Variable>): Option<T> {
    const made = variables.map(variable => typeof variable === 'string' ? meshVariable(variable) : variable)
    return new Option(this.kind, made, this.isHidden)
  }

  /** The same, with a default. */
  or (fallback: T): DefaultedOption<T> {
    return new DefaultedOption(this, () => fallback)
  }

  /** The same, with a default that depends on the process. */
  orElse (makeFallback: () => T): DefaultedOption<T> {
    return new DefaultedOption(this, makeFallback, false)
  }

  /** The same, for values that must not be shown. @param isHidden - which of them. @default all */
  hide (isHidden: HidesValue = () => true): Option<T> {
    return new Option(this.kind, this.variables, isHidden)
  }

  /** The value of the first variable that is set. */
  readVariables (variables: Variables): VariableValue | undefined {
    for (const { name, read, isForeign = false } of this.variables) {
      const value = read(variables, this.kind)
      if (value !== undefined) return { value, name, isForeign }
    }
    return undefined
  }
}

/** An option that always has a value. */
export class DefaultedOption<T> extends Option<T> {
  /** @param isFixed - whether the default is the same in every process */
  constructor (option: Option<T>, private readonly makeFallback: () => T, readonly isFixed: boolean = true) {
    super(option.kind, option.variables, option.isHidden)
  }

  /** The value where neither an option nor a variable gives one. */
  get fallback (): T {
    return this.makeFallback()
  }
}

/** Options by their names. */
export type Table = Readonly<Record<string, Option<unknown>>>

/** What an option takes. */
export type ValueOf<O> = O extends Option<infer T> ? T : never

/** The options of a table as users give them. */
export type OptionsOf<T extends Table> = { [Name in keyof T]?: ValueOf<T[Name]> }

/** The options of a table with what the variables and the defaults add. */
export type ResolvedOf<T extends Table> = {
  readonly [Name in keyof T]: T[Name] extends DefaultedOption<infer V> ? V : ValueOf<T[Name]> | undefined
}
