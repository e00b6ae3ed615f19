import { BusyReplicas } from '../../../lib/remote/balancing/busy-replicas'

const replicas = ['one', 'two', 'three'].map(id => ({ node: { id } }))
const first = (busy: BusyReplicas): string[] => busy.first(replicas).map(({ node: { id } }) => id)

describe('replicas that are busy', () => {
  beforeEach(() => jest.useFakeTimers({ now: 0, doNotFake: ['queueMicrotask', 'nextTick'] }))
  afterEach(() => jest.useRealTimers())

  it('are asked after others for a second after they refused a call', () => {
    const busy = new BusyReplicas()
    expect(busy.first(replicas)).toBe(replicas)
    busy.refused('two')
    expect(first(busy)).toEqual(['one', 'three'])
    jest.advanceTimersByTime(999)
    expect(first(busy)).toEqual(['one', 'three'])
    jest.advanceTimersByTime(1)
    expect(first(busy)).toEqual(['one', 'two', 'three'])
  })

  it('are asked in turn, the one that refused longest ago first, where none is left', () => {
    const busy = new BusyReplicas()
    for (const id of ['two', 'three', 'one']) busy.refused(id)
    expect(first(busy)).toEqual(['two'])
    busy.refused('two')
    expect(first(busy)).toEqual(['three'])
  })

  it('come back as soon as they answer a call', () => {
    const busy = new BusyReplicas()
    for (const { node: { id } } of replicas) busy.refused(id)
    busy.delete('three')
    expect(first(busy)).toEqual(['three'])
  })
})
