import { PathListeners } from '../../lib/remote/path-listeners'

const named = (name: string): (() => string) => Object.assign(() => name, { toString: () => name })

function namesOf (listeners: PathListeners, path: string, event: string): string[] | undefined {
  return listeners.of(path, event)?.map(String)
}

describe('the listeners of a path', () => {
  it('are kept by event, in the order in which they were added', () => {
    const listeners = new PathListeners()
    listeners.add('todos', 'created', named('first'))
    listeners.add('todos', 'created', named('second'))
    listeners.add('todos', 'removed', named('third'))
    expect(namesOf(listeners, 'todos', 'created')).toEqual(['first', 'second'])
    expect(listeners.eventsOf('todos')).toEqual(['created', 'removed'])
    expect(listeners.of('todos', 'updated')).toBeUndefined()
    expect(listeners.of('users', 'created')).toBeUndefined()
  })

  it('are removed one at a time, that which was added last first', () => {
    const listeners = new PathListeners()
    const twice = named('twice')
    for (const each of [twice, named('between'), twice, named('last')]) listeners.add('todos', 'created', each)
    expect(listeners.delete('todos', 'created', twice)).toBe(true)
    expect(namesOf(listeners, 'todos', 'created')).toEqual(['twice', 'between', 'last'])
    expect(listeners.delete('todos', 'created', twice)).toBe(true)
    expect(listeners.delete('todos', 'created', twice)).toBe(false)
    expect(namesOf(listeners, 'todos', 'created')).toEqual(['between', 'last'])
  })

  it('are removed by what they were made from', () => {
    const listeners = new PathListeners()
    const original = named('original')
    listeners.add('todos', 'created', Object.assign(named('once'), { listener: original }))
    expect(listeners.delete('todos', 'created', original)).toBe(true)
    expect(listeners.has('todos')).toBe(false)
  })

  it('leave nothing behind when the last one goes', () => {
    const listeners = new PathListeners()
    const [one, other] = [named('one'), named('other')]
    listeners.add('todos', 'created', one)
    listeners.add('todos', 'removed', other)
    listeners.delete('todos', 'created', one)
    expect(listeners.eventsOf('todos')).toEqual(['removed'])
    listeners.delete('todos', 'removed', other)
    expect(listeners.has('todos')).toBe(false)
    expect(listeners.delete('todos', 'removed', other)).toBe(false)
  })

  it('are not changed under a loop over them', () => {
    const listeners = new PathListeners()
    const one = named('one')
    listeners.add('todos', 'created', one)
    const before = listeners.of('todos', 'created')
    listeners.add('todos', 'created', named('other'))
    listeners.delete('todos', 'created', one)
    expect(before?.map(String)).toEqual(['one'])
    expect(namesOf(listeners, 'todos', 'created')).toEqual(['other'])
  })
})
