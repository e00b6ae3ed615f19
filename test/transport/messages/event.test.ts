import type { EventMessage } from 'feathers-mesh/transport'
import { encodeEvent, gapEvent, readEvent } from '../../../lib/transport/messages/event'
import { decodeValue } from '../../../lib/transport/values/decode-value'

const message: EventMessage = { path: 'todos', key: 'default', event: 'created', args: [{ at: new Date(0) }, 'more'] }

describe('an event in a message', () => {
  it('is read as it was encoded', () => {
    expect(readEvent(decodeValue(encodeEvent(message)).value, 'default')).toStrictEqual(message)
    const withContext = { ...message, context: { params: { query: {} } } }
    expect(readEvent(decodeValue(encodeEvent(withContext)).value, 'default')).toStrictEqual(withContext)
  })

  it('has the key of the peer that sent it, whatever the message claims', () => {
    expect(readEvent({ ...message, key: 'somebody' }, 'default')?.key).toBe('default')
  })

  it('loses the parts of its hook context that cannot be sent', () => {
    const context = { params: { transaction: () => {}, query: { a: 1 } } }
    const read = readEvent(decodeValue(encodeEvent({ ...message, context })).value, 'default')
    expect(read?.context).toEqual({ params: { query: { a: 1 } } })
  })

  it('is refused when an argument of its listeners cannot be sent, or it is too long', () => {
    expect(() => encodeEvent({ ...message, args: [() => {}] })).toThrow('args[0] is a function')
    expect(() => encodeEvent({ ...message, args: ['x'.repeat(200)] }, 100)).toThrow(RangeError)
  })

  it.each([
    [undefined], [null], [7], [[]], [{}], [{ path: 'todos', event: 'created' }], [{ path: 1, event: 'x', args: [] }]
  ])(
    'is not read from %p', value => {
      expect(readEvent(value, 'default')).toBeUndefined()
    })

  it('is not read when it has more arguments than a function call can take', () => {
    const args = Array(300_000).fill(0)
    expect(readEvent({ ...message, args }, 'default')).toBeUndefined()
    expect(() => encodeEvent({ ...message, args })).toThrow(RangeError)
    expect(readEvent({ ...message, args: args.slice(0, 1_000) }, 'default')?.args).toHaveLength(1_000)
  })

  it('may be a gap in place of missed events', () => {
    expect(gapEvent('todos', 'default', { missed: 2, reason: 'slow' }))
      .toEqual({ path: 'todos', key: 'default', event: 'gap', args: [{ missed: 2, reason: 'slow' }] })
  })
})
