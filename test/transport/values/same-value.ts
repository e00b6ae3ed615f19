import assert from 'node:assert/strict'
import { types } from 'node:util'

type Fields = Readonly<Record<string, unknown>>

/** The tag of an object whose fields are all of its contents. */
const PLAIN = '[object Object]'

/**
 * Asserts that two values are the same but for their identity: each part of the same kind and order, numbers by
 * `Object.is`, and an object that one of them has in two places the other has there, too.
 */
export function assertSame (actual: unknown, expected: unknown): void {
  new Comparison().compare(actual, expected, 'it')
}

class Comparison {
  private readonly there = new Map<object, object>()
  private readonly back = new Map<object, object>()

  compare (actual: unknown, expected: unknown, at: string): void {
    if (typeof expected !== 'object' || expected === null || typeof actual !== 'object' || actual === null) {
      return assert.ok(Object.is(actual, expected), `${at} is ${String(actual)}, not ${String(expected)}`)
    }
    if (this.there.has(actual) || this.back.has(expected)) {
      const sharedAlike = this.there.get(actual) === expected && this.back.get(expected) === actual
      return assert.ok(sharedAlike, `${at} is shared otherwise`)
    }
    this.there.set(actual, expected)
    this.back.set(expected, actual)
    assert.equal(Object.getPrototypeOf(actual), Object.getPrototypeOf(expected), `${at} is of another class`)
    this.compareContents(actual, expected, at)
    this.compareFields(actual, expected, at)
  }

  private compareContents (actual: object, expected: object, at: string): void {
    if (types.isMap(expected)) this.compareList([...actual as Map<unknown, unknown>].flat(), [...expected].flat(), at)
    else if (types.isSet(expected)) this.compareList([...actual as Set<unknown>], [...expected], at)
    else if (types.isDate(expected)) assert.ok(Object.is((actual as Date).getTime(), expected.getTime()), at)
    else if (types.isRegExp(expected)) assert.equal(String(actual), String(expected), at)
    else if (types.isArrayBuffer(expected)) this.compare(Buffer.from(actual as ArrayBuffer), Buffer.from(expected), at)
    else if (types.isNativeError(expected)) this.compareErrors(actual as Error, expected, at)
    else if (ArrayBuffer.isView(expected)) this.compareBytes(actual as ArrayBufferView, expected, at)
    else this.compareOthers(actual, expected, at)
  }

  private compareOthers (actual: object, expected: object, at: string): void {
    if (expected instanceof URL) assert.equal((actual as URL).href, expected.href, at)
    else if (expected instanceof URLSearchParams) assert.equal(String(actual), String(expected), at)
    else if (expected instanceof DOMException) this.compareExceptions(actual as DOMException, expected, at)
    else if (Array.isArray(expected)) assert.equal((actual as unknown[]).length, expected.length, at)
    else if (tagOf(expected) !== PLAIN) assert.fail(`${at} is ${tagOf(expected)}: add a comparison of its contents`)
  }

  private compareBytes (actual: ArrayBufferView, expected: ArrayBufferView, at: string): void {
    const [one, other] = [actual, expected].map(({ buffer, byteOffset, byteLength }) =>
      Buffer.from(buffer, byteOffset, byteLength))
    assert.ok(one.equals(other), `the bytes of ${at}`)
  }

  private compareExceptions (actual: DOMException, expected: DOMException, at: string): void {
    assert.deepEqual([actual.name, actual.message, actual.code], [expected.name, expected.message, expected.code], at)
  }

  private compareErrors (actual: Error, expected: Error, at: string): void {
    assert.deepEqual([actual.name, actual.message], [expected.name, expected.message], at)
    for (const key of ['cause', 'errors']) {
      assert.equal(Object.hasOwn(actual, key), Object.hasOwn(expected, key), `${at}.${key}`)
      this.compare((actual as unknown as Fields)[key], (expected as unknown as Fields)[key], `${at}.${key}`)
    }
  }

  private compareList (actual: readonly unknown[], expected: readonly unknown[], at: string): void {
    assert.equal(actual.length, expected.length, at)
    expected.forEach((value, index) => this.compare(actual[index], value, `${at}<${index}>`))
  }

  private compareFields (actual: object, expected: object, at: string): void {
    if (ArrayBuffer.isView(expected)) return
    assert.deepEqual(Object.keys(actual), Object.keys(expected), `the fields of ${at}`)
    for (const key of Object.keys(expected)) {
      this.compare((actual as Fields)[key], (expected as Fields)[key], `${at}[${JSON.stringify(key)}]`)
    }
  }
}

function tagOf (value: object): string {
  return Object.prototype.toString.call(value)
}
