import type { Class, DistributedMethodOptions } from '../decorators/metadata'
import type { MethodShapes } from '../contract/contract'
import { shapeOf } from '../validation/data-shape'
import { dataRules, resultClass } from '../validation/method-classes'

/** The shapes of the values of a method, as far as classes define them; undefined where none does. */
export function shapesOfMethod (
  target: Class, name: string, options: DistributedMethodOptions
): MethodShapes | undefined {
  const data = dataRules(target, name, options)
  const shapes = withoutEmpty({
    data: data && shapeOf(data.type),
    id: options.id && (shapeOf(options.id) ?? options.id.name),
    query: options.query && shapeOf(options.query),
    result: resultClass(target, name, options)?.name
  })
  return Object.keys(shapes).length === 0 ? undefined : shapes
}

function withoutEmpty (shapes: MethodShapes): MethodShapes {
  return Object.fromEntries(Object.entries(shapes).filter(([, shape]) => shape !== undefined && shape !== ''))
}
