import { toEventWithContext, toPlainEvent } from '../../../../lib/transport/cote/legacy/wire-event'

const message = { path: 'todos', key: 'default', event: 'created', args: [{ id: 1 }] as unknown[] }

describe('an event for nodes of 3.0', () => {
  it('has every hook context field that channels and clients read, even if none was sent', () => {
    const context = { event: 'created', path: 'todos', type: null, method: null, params: {}, result: { id: 1 } }
    expect(toEventWithContext(message)).toEqual({ id: 1, path: 'todos', key: 'default', context })
  })

  it('has the hook context that was sent, with only the query of its params', () => {
    const given = { type: 'around', method: 'create', data: { n: 1 } }
    const params = { query: { by: 'ann' }, fromRemote: true, user: { password: 'x' } }
    const { context } = toEventWithContext({ ...message, context: { ...given, params } }) as { context: unknown }
    expect(context).toMatchObject({ ...given, event: 'created' })
    expect(context).toHaveProperty('params', { query: { by: 'ann' } })
  })

  it.each<[string, unknown]>([
    ['a string', 'text'], ['a number', 0], ['null', null], ['false', false]
  ])('has %s as its result, which clients receive unchanged', (_what, payload) => {
    expect(toEventWithContext({ ...message, args: [payload] })).toMatchObject({ context: { result: payload } })
  })

  it('has a list in its dispatch when a list was emitted as a whole', () => {
    const { context } = toEventWithContext({ ...message, args: [[1, 2]] }) as { context: unknown }
    expect(context).toMatchObject({ result: { 0: 1, 1: 2 }, dispatch: [1, 2] })
    const shown = { dispatch: [{ id: 1 }] }
    expect(toEventWithContext({ ...message, args: [[{ id: 1, password: 'a' }]], context: shown }))
      .toHaveProperty('context.dispatch', shown.dispatch)
  })

  it('has one item of a list with the dispatch of that item, because each item is an event of its own', () => {
    const result = [{ id: 1, password: 'a' }, { id: 2, password: 'b' }]
    const context = { method: 'create', result, dispatch: [{ id: 1 }, { id: 2 }] }
    expect(toEventWithContext({ ...message, args: [result[1]], context })).toMatchObject({
      context: { result: result[1], dispatch: { id: 2 } }
    })
    expect(toEventWithContext({ ...message, args: [result[0]], context: { method: 'create', result } })).toHaveProperty(
      'context.result', result[0]
    )
  })

  it('loses a payload field named context, because it would pass for the hook context', () => {
    const payload = { title: 'mine', context: { room: 7 } }
    expect(toEventWithContext({ ...message, args: [payload] })).toMatchObject({
      title: 'mine', context: { event: 'created', result: payload }
    })
  })
})

describe('an event for nodes of 2.4', () => {
  it('is the payload with its routing fields and without a context', () => {
    const context = { method: 'create', data: { n: 1 }, params: { query: {} } }
    expect(toPlainEvent({ ...message, context })).toEqual({ id: 1, path: 'todos', key: 'default' })
  })

  it('keeps a payload field named context', () => {
    expect(toPlainEvent({ ...message, args: [{ context: 7 }] })).toEqual({ context: 7, path: 'todos', key: 'default' })
  })

  const result = [{ id: 1, password: 'a' }, { id: 2, password: 'b' }]
  const [, second] = result
  it.each<[string, unknown, object, object]>([
    ['one record', second, { dispatch: { id: 2 } }, { id: 2 }],
    ['an item of a list', second, { result, dispatch: [{ id: 1 }, { id: 2 }] }, { id: 2 }],
    ['an item of a partly hidden list', { id: 2 }, { result, dispatch: [{ id: 2 }] }, { id: 2 }],
    ['a hidden item', second, { result, dispatch: [{ id: 1 }] }, {}],
    ['an item that is not in the list', { password: 'c' }, { result, dispatch: [{ id: 1 }, { id: 2 }] }, {}],
    ['a whole list', result, { dispatch: [{ id: 1 }, { id: 2 }] }, { 0: { id: 1 }, 1: { id: 2 } }],
    ['a record whose dispatch is empty', second, { dispatch: null }, second]
  ])('contains what the host shows its own clients of %s', (_what, payload, context, fields) => {
    expect(toPlainEvent({ ...message, args: [payload], context: { ...context } }))
      .toEqual({ ...fields, path: 'todos', key: 'default' })
  })

  it('contains the JSON of an instance', () => {
    class User {
      readonly name = 'ann'
      readonly password = 'secret'
      toJSON (): object { return { name: this.name } }
    }
    expect(toPlainEvent({ ...message, args: [new User()] })).toEqual({ name: 'ann', path: 'todos', key: 'default' })
  })

  it.each([
    ['a string', 'text'], ['a number', 7], ['undefined', undefined]
  ])('has no payload fields for %s', (_what, payload) => {
    expect(toPlainEvent({ ...message, args: [payload] })).toEqual({ path: 'todos', key: 'default' })
  })
})

describe('an item of a list whose dispatch lacks others', () => {
  it('is found there by what it holds, and hidden where it is not there', () => {
    const result = Array.from({ length: 1_000 }, (_, id) => ({ id, tags: ['a'] }))
    const context = { method: 'create', result, dispatch: result.slice(500).map(item => ({ ...item })) }
    const others = { path: 'todos', key: 'default' }
    expect(toPlainEvent({ ...message, args: [result[999]], context })).toEqual({ ...result[999], ...others })
    expect(toPlainEvent({ ...message, args: [result[1]], context })).toEqual(others)
  })

  it('is written once for all events of the list', () => {
    let reads = 0
    const item = (id: number): object => ({ get id () { reads++; return id } })
    const result = Array.from({ length: 100 }, (_, id) => item(id))
    const context = { method: 'create', result, dispatch: Array.from({ length: 99 }, (_, id) => item(id)) }
    for (const payload of result) toPlainEvent({ ...message, args: [payload], context })
    expect(reads).toBeLessThan(2_000)
  })

  it('is refused when it stands for endless JSON', () => {
    let graph: object = {}
    for (let level = 0; level < 40; level++) graph = { first: graph, second: [graph] }
    const context = { method: 'create', result: [graph, {}], dispatch: [structuredClone(graph)] }
    expect(() => toPlainEvent({ ...message, args: [graph], context })).toThrow(RangeError)
  })
})
