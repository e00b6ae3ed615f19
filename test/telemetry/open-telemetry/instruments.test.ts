import { Outcomes } from '../../../lib/telemetry/open-telemetry/instruments'

describe('the outcomes of calls', () => {
  it('tell a bounded number of types of errors apart', () => {
    const outcomes = new Outcomes()
    const types = Array.from({ length: 150 }, (_, n) => outcomes.typeOf(Object.assign(new Error(''), { name: `Error${n}` })))
    expect(new Set(types).size).toBe(101)
    expect(types.at(-1)).toBe('_OTHER')
    expect(outcomes.typeOf(Object.assign(new Error(''), { name: 'Error1' }))).toBe('Error1')
  })

  it('are the same objects each time', () => {
    const outcomes = new Outcomes()
    const attributes = { 'rpc.method': 'todos/find' }
    expect(outcomes.ofCall(attributes, undefined)).toBe(outcomes.ofCall(attributes, undefined))
    expect(outcomes.ofCall(attributes, 'NotFound')).toEqual(
      { 'rpc.method': 'todos/find', 'rpc.status_code': 'NotFound', 'error.type': 'NotFound' }
    )
    expect(outcomes.ofEvent(attributes, undefined)).toBe(attributes)
  })
})
