import { EventEmitter } from 'node:events'
import { ContainedListeners } from '../../lib/registry/contained-listeners'

describe('listeners that are contained', () => {
  const emitter = new EventEmitter()
  const failures: unknown[] = []
  const heard: unknown[] = []
  const listeners = new ContainedListeners<'node' | 'service'>(emitter, (...failure) => failures.push(failure))

  beforeEach(() => {
    emitter.removeAllListeners('node')
    failures.length = heard.length = 0
  })

  it('all hear an event, whatever one of them throws', () => {
    const error = new Error('no')
    emitter.on('node', () => { throw error })
    emitter.on('node', subject => heard.push(subject))
    listeners.tell('node', 'a', 1)
    expect([heard, failures]).toEqual([[1], [[error, 'node', 'a']]])
  })

  it('hear what comes after they are added, and nothing after they are removed', () => {
    listeners.tell('node', 'a', 1)
    const hear = (subject: unknown): unknown => heard.push(subject)
    emitter.on('node', hear)
    listeners.tell('node', 'a', 2)
    listeners.tell('service', 'a', 3)
    emitter.once('node', subject => heard.push(['once', subject]))
    listeners.tell('node', 'a', 4)
    listeners.tell('node', 'a', 5)
    emitter.off('node', hear)
    listeners.tell('node', 'a', 6)
    expect(heard).toEqual([2, 4, ['once', 4], 5])
  })

  it('hear an event under way although one of them removes another, as those of any emitter do', () => {
    const second = (subject: unknown): unknown => heard.push(['second', subject])
    emitter.on('node', () => emitter.off('node', second))
    emitter.on('node', second)
    for (const subject of [1, 2]) listeners.tell('node', 'a', subject)
    expect(heard).toEqual([['second', 1]])
  })
})
