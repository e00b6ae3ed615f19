import { decodeValue } from '../../../lib/transport/values/decode-value'
import { DISPATCH, dispatchOf, setDispatch } from '../../../lib/dispatch'
import { encodeValue, type EncodedValue } from '../../../lib/transport/values/encode-value'
import { MalformedValue } from '../../../lib/transport/values/errors'
import { WorkBudget } from '../../../lib/transport/values/work-budget'
import { decodeTable } from './table'

function hiding<T extends object> (value: T, dispatch: unknown): T {
  // As resolvers of Feathers do: nobody can take it off.
  return Object.defineProperty(value, DISPATCH, { value: dispatch, enumerable: false, configurable: false })
}

const carried = <T>(value: T): T => decodeValue(encodeValue(value)).value as T

const user = (): { id: number, password: string, address: object } =>
  ({ id: 1, password: 'SECRET', address: { town: 'Ulm' } })

function hidden (): ReturnType<typeof user> {
  const whole = user()
  return hiding(whole, { id: whole.id, address: whole.address })
}

describe('the dispatch of a value', () => {
  it('travels with the value and stays invisible', () => {
    const value = carried(hidden())
    expect(value).toEqual(user())
    expect(dispatchOf(value)).toEqual({ id: 1, address: { town: 'Ulm' } })
    expect(Object.getOwnPropertyDescriptor(value, DISPATCH)).toMatchObject({ enumerable: false })
    expect(JSON.stringify(value)).toBe(JSON.stringify(user()))
  })

  it('keeps sharing objects with the value', () => {
    const value = carried(hidden())
    expect((dispatchOf(value) as typeof value).address).toBe(value.address)
  })

  it('travels at any depth, in lists, pages, records, maps and sets', () => {
    const page = hiding({ total: 1, data: [hidden()] }, { total: 1, data: [{ id: 1 }] })
    const deep = [[new Map([['a', new Set([hidden()])]])]]
    const value = carried({ list: hiding([hidden()], [{ id: 1 }]), page, deep })
    expect(dispatchOf(value.list)).toEqual([{ id: 1 }])
    expect(dispatchOf(value.list[0])).toMatchObject({ id: 1 })
    expect(dispatchOf(value.page)).toEqual({ total: 1, data: [{ id: 1 }] })
    expect(dispatchOf(value.page.data[0])).toMatchObject({ id: 1 })
    const [first] = value.deep[0][0].get('a') as Set<object>
    expect(dispatchOf(first)).toMatchObject({ id: 1 })
  })

  it('travels once for an object that appears several times', () => {
    const one = hidden()
    const [first, second] = carried([one, one])
    expect(second).toBe(first)
    expect(dispatchOf(first)).toMatchObject({ id: 1 })
  })

  it('travels with an object that has a toJSON method', () => {
    const value = carried([hiding({ toJSON: () => ({ id: 1, password: 'SECRET' }) }, { id: 1 })])
    expect(value).toEqual([{ id: 1, password: 'SECRET' }])
    expect(dispatchOf(value[0])).toEqual({ id: 1 })
  })

  it('may have a dispatch of its own, refer to itself, or be a primitive', () => {
    const inner = hiding({ within: 1 }, { less: 1 })
    const circle: { self?: object } = {}
    hiding(circle, circle)
    const [outer, round, none, text] = carried([
      hiding({ a: 1 }, { inner }), circle, hiding({ b: 1 }, null), hiding({ c: 1 }, 'text')
    ])
    expect(dispatchOf((dispatchOf(outer as object) as { inner: object }).inner)).toEqual({ less: 1 })
    expect(dispatchOf(round as object)).toBe(round)
    expect(dispatchOf(none as object)).toBeNull()
    expect(dispatchOf(text as object)).toBe('text')
  })

  it('may be replaced after its arrival', () => {
    const value = carried(hidden())
    setDispatch(value, { other: true })
    expect(dispatchOf(value)).toEqual({ other: true })
  })

  it('loses parts that cannot be sent, and throws when it cannot be sent at all', () => {
    const value = carried(hiding({ a: 1 }, { call: () => {}, list: [() => {}], stays: 1 }))
    expect(dispatchOf(value)).toEqual({ list: [null], stays: 1 })
    expect(() => encodeValue({ user: hiding({ a: 1 }, () => {}) })).toThrow('user.dispatch is a function')
  })

  it('costs nothing when there is none, because the value is plain JSON', () => {
    expect(encodeValue({ a: [1, { b: 2 }] })).toEqual({ plain: true, text: '{"a":[1,{"b":2}]}' })
    expect(encodeValue({ at: new Date(0) }).beside).toBeUndefined()
  })

  it('is sent beside the value, so that readers without support still read the value', () => {
    const { plain, text, beside } = encodeValue({ user: hidden() })
    expect(plain).toBe(false)
    expect(decodeTable(text)).toEqual({ user: user() })
    expect(beside).toBeDefined()
  })

  it('travels in messages', () => {
    const encoded = encodeValue({ type: 'create', params: { user: hidden() }, id: undefined }, { omitsUndefined: true })
    const { params } = decodeValue(encoded).value as { params: { user: object } }
    expect(dispatchOf(params.user)).toMatchObject({ id: 1 })
  })
})

describe('the details beside a value', () => {
  it('arrive by name and share objects with the value', () => {
    const value = user()
    const details = { dispatch: { address: value.address }, none: undefined }
    const encoded = encodeValue(value, { details, sharesObjects: true })
    const decoded = decodeValue(encoded) as { value: typeof value, details: { dispatch: { address: object } } }
    expect(decoded).toEqual({ value, details: { dispatch: { address: { town: 'Ulm' } } } })
    expect(decoded.details.dispatch.address).toBe(decoded.value.address)
  })

  it('leave a plain value plain that they share nothing with', () => {
    const encoded = encodeValue([1], { details: { http: { status: 202, headers: { a: 'b' } } } })
    expect(encoded).toMatchObject({ plain: true, text: '[1]' })
    expect(decodeValue(encoded)).toEqual({ value: [1], details: { http: { status: 202, headers: { a: 'b' } } } })
  })

  it('arrive with primitive values and without a value', () => {
    for (const value of [undefined, null, 0, 'text']) {
      const details = { dispatch: [1] }
      expect(decodeValue(encodeValue(value, { details, sharesObjects: true }))).toEqual({ value, details })
    }
    expect(decodeValue(encodeValue(null, { details: { http: { status: 1 } } })).details)
      .toEqual({ http: { status: 1 } })
  })

  it('leave out what cannot be sent, unless that is all of one', () => {
    const { details } = decodeValue(encodeValue({}, { details: { http: { status: 201, call: () => {} } } }))
    expect(details).toEqual({ http: { status: 201 } })
    expect(() => encodeValue({}, { details: { dispatch: () => {} }, sharesObjects: true }))
      .toThrow('dispatch is a function')
  })
})

describe('hostile data beside a value', () => {
  const decode = (beside: unknown, main: Partial<EncodedValue> = {}): unknown =>
    decodeValue({ plain: false, text: '[[1],{"a":1}]', beside: JSON.stringify(beside), ...main })

  it.each<[string, unknown]>([
    ['not a list', {}], ['an empty list', []], ['a list without details', [1, []]], ['a list of details', [[], []]],
    ['without places', [{}]],
    ['not a list of places', [{}, 'places']], ['a place outside the value', [{}, [9, 1]]],
    ['the place of the whole value', [{}, [0, 1]]], ['a fractional place', [{}, [1.5, 1]]],
    ['a negative place', [{}, [-1, 1]]],
    ['the name of a prototype', [{}, ['__proto__', 1]]], ['the name of a method', [{}, ['concat', 1]]],
    ['a place that is a list', [{}, [[1], 1]]], ['a reference to no entry', [{}, [1, [7]]]],
    ['an entry of an unknown kind', [{}, [], ['Spaceship']]]
  ])('is rejected when it is %s', (_what, beside) => {
    expect(() => decode(beside)).toThrow(MalformedValue)
    expect(Object.getOwnPropertySymbols(Array.prototype)).not.toContain(DISPATCH)
  })

  it('is rejected when it is not JSON', () => {
    expect(() => decodeValue({ plain: true, text: 'null', beside: '[' })).toThrow(MalformedValue)
    expect(() => decode([{}, []], { plain: true, text: '[' })).toThrow(MalformedValue)
  })

  it('cannot reach a prototype', () => {
    const beside = '[{"__proto__":[2],"dispatch":[2]},[1,[2]],{"__proto__":[3],"evil":true},{"polluted":true}]'
    const { value, details } = decodeValue({ plain: false, text: '[[1],{"a":1}]', beside })
    expect(value).toEqual({ a: 1 })
    expect(details?.dispatch).toBe(dispatchOf(value as object))
    expect(({} as { polluted?: true, evil?: true }).polluted).toBeUndefined()
    expect(({} as { evil?: true }).evil).toBeUndefined()
  })

  it('has no effect when a place lacks its dispatch', () => {
    expect(decode([{}, [1]])).toEqual({ value: { a: 1 } })
  })
})

describe('the decoding work of data beside a value', () => {
  /** What comes with a call whatever its length is. */
  const ALLOWANCE = 20_480
  const REGEXP = ['RegExp', '\\p{L}'.repeat(2), 'u']
  const decode = (text: string, beside: string, budget?: WorkBudget): unknown =>
    decodeValue({ plain: false, text, beside }, undefined, budget)
  const list = (many: number, item: unknown): string => JSON.stringify(Array<unknown>(many).fill(item)).slice(1, -1)

  it.each<[string, string, string]>([
    ['details that are slow to create', '[0]', `[{},[],${list(40, REGEXP)}]`],
    ['many cheap details', '[0]', `[{},[],${list(10_000, ['Int8Array', ''])}]`],
    ['nearly empty errors', '[0]', `[{},[],${list(10_000, ['Error', [], {}, {}])}]`],
    ['objects in the value and beside it', `[0,${list(2, REGEXP)}]`, `[{},[],${list(2, REGEXP)}]`],
    ['an object in thousands of places', '[[1],{}]', `[{},[${list(4_000, 1)}]]`],
    ['arrays with holes, some of them in the value', `[0,["Sparse",${2 ** 22}]]`, `[{},[],["Sparse",${2 ** 22}],["Sparse",1]]`]
  ])('is added to that of the value and bounded for %s', (_what, text, beside) => {
    expect(() => decode(text, beside)).toThrow(MalformedValue)
  })

  it('is counted once for both', () => {
    const budget = new WorkBudget()
    decode(`[0,${JSON.stringify(REGEXP)}]`, `[{"dispatch":[2]},[1,0],${JSON.stringify(REGEXP)}]`, budget)
    const one = new WorkBudget()
    decodeTable(`[0,${JSON.stringify(REGEXP)}]`, undefined, one)
    expect(budget.claimed).toBeGreaterThan(2 * one.claimed)
    expect(budget.claimed).toBeLessThan(2 * one.claimed + 100)
  })

  it('may be as much as the total length allows', () => {
    const padding = 'x'.repeat(3 * ALLOWANCE)
    const beside = `[{},[],${list(3, REGEXP)}]`
    expect(() => decode('[0]', beside)).toThrow(MalformedValue)
    expect(decode(JSON.stringify([padding]), beside)).toEqual({ value: padding })
    expect(decodeValue({ plain: true, text: JSON.stringify(padding), beside })).toEqual({ value: padding })
  })

  it('never exceeds what a sender allows, and a reader accepts all of that', () => {
    const pattern = new RegExp('\\p{L}'.repeat(2), 'u')
    const ways: Array<(many: number) => EncodedValue> = [
      many => encodeValue({}, {
        details: { dispatch: Array.from({ length: many }, () => new RegExp(pattern)) },
        sharesObjects: true
      }),
      many => encodeValue(['plain'], { details: { http: Array.from({ length: many }, () => new RegExp(pattern)) } }),
      many => encodeValue(hiding({}, Array.from({ length: many }, () => new RegExp(pattern)))),
      many => encodeValue(hiding([new RegExp(pattern)], Array.from({ length: many }, () => new RegExp(pattern)))),
      many => encodeValue(null, { details: { http: Array<RegExp>(many).fill(pattern) } }),
      many => encodeValue(Array.from({ length: many * 100 }, () => hiding({}, null)))
    ]
    for (const encode of ways) {
      for (const many of [0, 1, 2, 3, 4, 8, 16, 100]) {
        let encoded: EncodedValue
        try {
          encoded = encode(many)
        } catch (error) {
          const message = expect.stringContaining('longer to make') as unknown
          expect(error).toMatchObject({ name: 'UnsendableValue', message })
          continue
        }
        const budget = new WorkBudget()
        decodeValue(encoded, undefined, budget)
        expect(budget.claimed).toBeLessThanOrEqual(encoded.text.length + (encoded.beside?.length ?? 0) + ALLOWANCE)
      }
    }
  })

  it('excludes parts that are too slow, and prevents sending when nothing else is left', () => {
    const pattern = new RegExp('\\p{RGI_Emoji}', 'v')
    expect(dispatchOf(carried(hiding({ a: 1 }, { pattern, stays: 1 })))).toEqual({ stays: 1 })
    expect(() => encodeValue({ user: hiding({ a: 1 }, pattern) })).toThrow('user.dispatch is a RegExp')
    const { details } = decodeValue(encodeValue({}, { details: { http: { pattern, status: 1 } } }))
    expect(details).toEqual({ http: { status: 1 } })
  })

  it('is negligible for thousands of objects with a dispatch', () => {
    const values = carried(Array.from({ length: 5_000 }, () => hiding({}, null)))
    expect(values.every(value => dispatchOf(value) === null)).toBe(true)
  })
})
