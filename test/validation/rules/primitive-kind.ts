import { registerDecorator } from 'class-validator'

let run: () => unknown[] = () => []
let found: unknown[] = []

function Runs (): PropertyDecorator {
  return (target, property) => registerDecorator({
    name: 'runs',
    target: target.constructor,
    propertyName: String(property),
    validator: { validate: () => { found = run(); return true } }
  })
}

/** A class whose rule does something of the program. */
export class PrimitiveKind {
  @Runs() value!: unknown

  /** Makes its rule do something; returns what that gave. */
  static during (act: () => unknown[]): { readonly errors: () => unknown[], readonly value: string } {
    run = act
    return { errors: () => found, value: 'any' }
  }
}
