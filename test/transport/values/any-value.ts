import fc from 'fast-check'

/** Values of all kinds that travel, objects that are shared or hold themselves included. */

/** Halves of surrogate pairs and other characters that encodings stumble over are among them. */
const anyText = fc.oneof(
  fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom('\ud800', 'a\udc00b', '\u2028', '\u0000', '🎉', '')
)

const primitive = fc.oneof(
  anyText, fc.boolean(), fc.constantFrom<unknown>(null, undefined, NaN, Infinity, -Infinity, -0, 0, 2 ** 53, 5e-324),
  fc.double(), fc.integer(), fc.bigInt()
)

const bytes = fc.uint8Array({ maxLength: 40 })
const VIEWS = [
  Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array,
  Float64Array, BigInt64Array, BigUint64Array, DataView
] as const

/** A view that begins somewhere in its memory. */
const view = fc.tuple(fc.constantFrom(...VIEWS), fc.uint8Array({ minLength: 32, maxLength: 64 }), fc.nat(2), fc.nat(2))
  .map(([View, memory, offset, length]) => {
    return new (View as typeof DataView)(new Uint8Array(memory).buffer, offset * 8, length)
  })

const leaf: fc.Arbitrary<object> = fc.oneof(
  fc.date({ noInvalidDate: false }),
  fc.tuple(fc.constantFrom('a', '(?:)', '[/\\]]', '\\n', 'é+', '(?<x>y)'), fc.constantFrom('', 'g', 'gimsuyd'))
    .map(([source, flags]) => new RegExp(source, flags)),
  fc.webUrl({ withQueryParameters: true, withFragments: true }).map(href => new URL(href)),
  fc.webQueryParameters().map(query => new URLSearchParams(query)),
  bytes.map(array => Buffer.from(array)),
  bytes.map(array => new Uint8Array(array).buffer),
  view
)

const ERRORS = [Error, TypeError, RangeError, SyntaxError, AggregateError] as const

type Ingredient = { readonly ref: number } | { readonly value: unknown }

/** How an object is made: what it is, and what is in it. */
interface Recipe {
  readonly kind: 'object' | 'array' | 'sparse' | 'map' | 'set' | 'error'
  readonly parts: ReadonlyArray<readonly [key: string, first: Ingredient, second: Ingredient]>
  readonly number: number
}

const ingredient: fc.Arbitrary<Ingredient> = fc.oneof(
  { weight: 3, arbitrary: primitive.map(value => ({ value })) },
  { weight: 1, arbitrary: leaf.map(value => ({ value })) },
  { weight: 2, arbitrary: fc.nat(20).map(ref => ({ ref })) }
)

const key = fc.oneof(
  anyText, fc.constantFrom('__proto__', 'constructor', 'toString', 'length', '0', '7', 'then', 'toJSON')
)

const recipe: fc.Arbitrary<Recipe> = fc.record({
  kind: fc.constantFrom('object', 'object', 'array', 'array', 'sparse', 'map', 'set', 'error'),
  parts: fc.array(fc.tuple(key, ingredient, ingredient), { maxLength: 5 }),
  number: fc.nat(1_000)
})

function makeObject ({ kind, number, parts }: Recipe): object {
  switch (kind) {
    case 'object': return {}
    case 'array':
    case 'sparse': return []
    case 'map': return new Map()
    case 'set': return new Set()
    case 'error': {
      const type = ERRORS[number % ERRORS.length] as ErrorConstructor
      const message = parts[0]?.[0] ?? ''
      return type as unknown === AggregateError ? new AggregateError([], message) : new type(message)
    }
  }
}

function fill (object: object, { kind, parts, number }: Recipe, resolve: (part: Ingredient) => unknown): void {
  const define = (name: string, value: unknown, enumerable = true): void => {
    Object.defineProperty(object, name, { value, enumerable, writable: true, configurable: true })
  }
  parts.forEach(([name, first, second], index) => {
    if (kind === 'object') define(name, resolve(first))
    else if (kind === 'array') (object as unknown[]).push(resolve(first))
    else if (kind === 'map') (object as Map<unknown, unknown>).set(resolve(first), resolve(second))
    else if (kind === 'set') (object as Set<unknown>).add(resolve(first))
    else if (kind === 'sparse') (object as unknown[])[(number * (index + 1)) % 3_000] = resolve(first)
    else if (index === 1) define('cause', resolve(first), false)
    else if (index === 2 && object instanceof AggregateError) object.errors.push(resolve(first))
    else if (index > 2) define(`field${index}`, resolve(first))
  })
  if (kind === 'sparse') (object as unknown[]).length += number % 3
}

/** Objects that refer to each other at will. */
const graph = fc.array(recipe, { minLength: 1, maxLength: 8 }).map(recipes => {
  const objects = recipes.map(makeObject)
  const resolve = (part: Ingredient): unknown => 'ref' in part ? objects[part.ref % objects.length] : part.value
  recipes.forEach((each, index) => fill(objects[index], each, resolve))
  return objects[0]
})

/** What JSON expresses, which goes another way. */
const json = fc.jsonValue({ maxDepth: 4 })

export const anyValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 1, arbitrary: primitive }, { weight: 1, arbitrary: leaf }, { weight: 2, arbitrary: json },
  { weight: 6, arbitrary: graph }
)

/** Values that have no two ways to one object. */
export const anyTree: fc.Arbitrary<unknown> = fc.anything({
  values: [
    fc.boolean(), fc.integer(), fc.double(), fc.string(), fc.constant(null), fc.constant(undefined),
    // To node:assert no invalid date equals another one.
    fc.date({ noInvalidDate: true })
  ],
  withBigInt: true, withMap: true, withSet: true, withTypedArray: true, withSparseArray: true,
  stringUnit: 'binary', maxDepth: 4
})
