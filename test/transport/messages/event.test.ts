import type { EventMessage } from 'feathers-mesh/transport'
import { encodeEvent, gapEvent, readEvent } from '../../../lib/transport/messages/event'
import { decodeValue } from '../../../lib/transport/values/decode-value'

const message: EventMessage = { path: 'todos', key: 'default', event: 'created', args: [{ at: new Date(0) }, 'more'] }

describe('An event', () => {
  it('is read as it was encoded', () => {
    expect(readEvent(decodeValue(encodeEvent(message)).value, 'default')).toStrictEqual(message)
    const withContext = { ...message, context: { params: { query: {} } } }
    expect(readEvent(decodeValue(encodeEvent(withContext)).value, 'default')).toStrictEqual(withContext)
  })

  it('has the key of the peer that sent it, whatever it claims', () => {
    expect(readEvent({ ...message, key: 'somebody' }, 'default')?.key).toBe('default')
  })

  it('loses what of its hook context cannot be sent', () => {
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

  it('tells a gap in the place of events that were missed', () => {
    expect(gapEvent('todos', 'default', { missed: 2, reason: 'slow' }))
      .toEqual({ path: 'todos', key: 'default', event: 'gap', args: [{ missed: 2, reason: 'slow' }] })
  })
})
