import { BadRequest } from '@feathersjs/errors'

/** An error class of an application. */
class OutOfStock extends Error {
  override name = 'OutOfStock'
  constructor (message: string, readonly article: number) {
    super(message)
  }
}

function circular (): object {
  const parent: { name: string, child?: object } = { name: 'parent' }
  parent.child = { parent }
  return parent
}

function shared (): object {
  const one = { id: 1 }
  return { first: one, second: one }
}

/** What is sent, by the name of its row; each time a new one. */
export const VALUES: Readonly<Record<string, () => unknown>> = {
  'plain JSON': () => ({ id: 1, title: 'a', tags: ['b', null, true, 1.5] }),
  'text of any script, emoji': () => 'žluťoučký 漢字 🌱 \u2028',
  Date: () => ({ at: new Date(1_700_000_000_000) }),
  Buffer: () => ({ bytes: Buffer.from([0, 1, 254, 255]) }),
  Uint8Array: () => ({ bytes: new Uint8Array([0, 1, 254, 255]) }),
  Float64Array: () => ({ samples: new Float64Array([0.5, -1, Infinity]) }),
  ArrayBuffer: () => ({ bytes: new Uint8Array([1, 2, 3]).buffer }),
  Map: () => ({ map: new Map<unknown, unknown>([['a', 1], [2, { b: 3 }]]) }),
  Set: () => ({ set: new Set([1, 'b']) }),
  BigInt: () => ({ big: 2n ** 64n }),
  RegExp: () => ({ pattern: /a+b/giu }),
  URL: () => ({ link: new URL('http://localhost/a?b=c') }),
  'undefined in an object': () => ({ a: undefined, b: 1 }),
  'undefined in an array': () => ({ list: [1, undefined, 3] }),
  'undefined by itself': () => undefined,
  'null by itself': () => null,
  NaN: () => ({ n: NaN }),
  Infinity: () => ({ n: -Infinity }),
  '-0': () => ({ n: -0 }),
  'an array with holes': () => ({ list: [1, , 3] }), // eslint-disable-line no-sparse-arrays
  'the same object twice': shared,
  'a circle of objects': circular
}

/** What is thrown, by the name of its row. */
export const THROWN: Readonly<Record<string, () => unknown>> = {
  'Error thrown': () => new Error('out of paper'),
  'TypeError thrown': () => new TypeError('not a number'),
  'BadRequest of Feathers thrown, with data': () => new BadRequest('no title', { field: 'title' }),
  'class of an application thrown': () => new OutOfStock('no more', 7),
  'cause of an error': () => new Error('failed', { cause: new TypeError('the reason') }),
  'text thrown': () => 'just a text'
}
