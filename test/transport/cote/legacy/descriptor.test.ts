import { toWireEvent } from '../../../../lib/transport/cote/legacy/descriptor'

describe('an event as old nodes get it', () => {
  const message = { path: 'todos', key: 'default', event: 'created', args: [{ id: 1 }] }

  it('has all of a hook context that their channels look at, where none of it had to be sent', () => {
    const context = { event: 'created', type: null, method: null, params: {} }
    expect(toWireEvent(message)).toEqual({ id: 1, path: 'todos', key: 'default', context })
  })

  it('has what was sent of its hook context', () => {
    const given = { type: 'around', method: 'create', params: { query: { by: 'ann' } }, data: { n: 1 } }
    expect(toWireEvent({ ...message, context: given })).toMatchObject({ context: { ...given, event: 'created' } })
  })
})
