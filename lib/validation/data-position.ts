import { isStandardMethod } from '../contract/contract'

/** Where `data` stands in the parameters of Feathers' standard methods. */
const POSITIONS: Readonly<Record<string, number>> = { create: 0, update: 1, patch: 1 }

/** The index of `data` among the parameters of a method, or -1 where it has none. */
export function dataPosition (method: string): number {
  return POSITIONS[method] ?? (isStandardMethod(method) ? -1 : 0)
}

/** Whether a method with so many parameters takes `data`. */
export function takesData (method: string, parameters: number): boolean {
  const position = dataPosition(method)
  return position >= 0 && parameters > position
}
