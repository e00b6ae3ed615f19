import assert from 'node:assert/strict'
import fc from 'fast-check'
import { encodeValue } from '../../../lib/transport/values/encode-value'
import { isPlainJson } from '../../../lib/transport/values/plain-json'
import { anyTree, anyValue } from './any-value'
import { assertSame } from './same-value'
import { decodeTable, encodeTable } from './table'

const numRuns = 5_000

/** A value as the other side of a wire gets it. */
function carried (value: unknown): unknown {
  const { plain, text } = encodeValue(value)
  return plain ? JSON.parse(text) : decodeTable(text)
}

describe('a random value', () => {
  it('arrives unchanged, shared and circular references included', () => {
    fc.assert(fc.property(anyValue, value => assertSame(carried(value), value)), { numRuns })
  })

  it('arrives equal by node:assert', () => {
    fc.assert(fc.property(anyTree, value => assert.deepStrictEqual(carried(value), value)), { numRuns })
  })

  it('equals its JSON when it counts as plain JSON', () => {
    fc.assert(fc.property(anyValue, value => {
      if (isPlainJson(value)) assertSame(JSON.parse(JSON.stringify(value)), value)
      assertSame(decodeTable(encodeTable(value)), value)
    }), { numRuns })
  })
})
