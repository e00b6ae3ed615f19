import { Registry } from '../../../lib/registry/registry'
import { WaitingCalls, type WaitingCall } from '../../../lib/remote/call/waiting-calls'
import { rejection } from '../../until'
import { ScriptedMesh, todos } from '../scripted-transport'

type Kept = WaitingCall & { readonly told: string[] }

function waitingCall (): Kept {
  const told: string[] = []
  return { told, wake: () => told.push('wake'), giveUp: reason => told.push(reason) }
}

function waiting (limit = 10): { registry: Registry, calls: WaitingCalls } {
  const registry = new Registry()
  return { registry, calls: new WaitingCalls(registry, limit) }
}

const host = (id: string, ...paths: string[]): Parameters<Registry['join']>[0] =>
  ({ id, key: 'default', contracts: paths.map(path => todos(['find'], path)) })

describe('waiting calls', () => {
  it('are woken once when a host of their service joins, and by no other host', () => {
    const { registry, calls } = waiting()
    const [first, second, other] = [waitingCall(), waitingCall(), waitingCall()]
    calls.add('todos', first)
    calls.add('todos', second)
    calls.add('users', other)
    registry.join(host('one', 'todos'))
    registry.join(host('two', 'todos'))
    expect([first.told, second.told, other.told]).toEqual([['wake'], ['wake'], []])
    expect(calls.size).toBe(1)
  })

  it('are woken when a host changes its offer', () => {
    const { registry, calls } = waiting()
    registry.join(host('one', 'todos'))
    const call = waitingCall()
    calls.add('todos', call)
    registry.join({ id: 'one', key: 'default', contracts: [todos(['find', 'create'])] })
    expect(call.told).toEqual(['wake'])
  })

  it('may wait again after they are woken, without an endless loop', () => {
    const { registry, calls } = waiting()
    let woken = 0
    const call: WaitingCall = {
      wake () {
        woken++
        calls.add('todos', call)
      },
      giveUp () {}
    }
    calls.add('todos', call)
    registry.join(host('one', 'todos'))
    expect(woken).toBe(1)
    expect(calls.size).toBe(1)
  })

  it('are counted once each, and no longer when they are removed', () => {
    const { calls } = waiting(2)
    const [first, second, third] = [waitingCall(), waitingCall(), waitingCall()]
    expect([calls.add('a', first), calls.add('a', first), calls.add('b', second)]).toEqual([true, true, true])
    expect(calls.add('a', third)).toBe(false)
    calls.delete('b', second)
    calls.delete('b', second)
    expect(calls.size).toBe(1)
    expect(calls.add('a', third)).toBe(true)
  })

  it('are all rejected when the node leaves', () => {
    const { calls } = waiting()
    const all = ['a', 'a', 'b'].map(path => {
      const call = waitingCall()
      calls.add(path, call)
      return call
    })
    calls.close()
    expect(all.map(({ told }) => told)).toEqual(Array(3).fill(['this node has left the mesh']))
    expect(calls.size).toBe(0)
  })
})

describe('a call without a host', () => {
  it('fails at once when waitForService is false, for the node or for the call', async () => {
    const never = new ScriptedMesh({ waitForService: false, timeout: 60_000 })
    const error = await rejection(never.call('find'))
    expect(error).toMatchObject({ name: 'Unavailable', data: { path: 'todos', method: 'find', outcome: 'not-sent' } })
    expect(error.message).toBe("todos.find(): 'todos' has never been seen on the mesh, nor has any other service")

    const waits = new ScriptedMesh({ timeout: 60_000 })
    expect(await rejection(waits.call('find', [], { waitForService: false }))).toMatchObject({ name: 'Unavailable' })
    const call = never.call('find', [], { waitForService: true })
    never.join('one')
    never.last.reply('found')
    expect(await call).toBe('found')
  })

  it('fails at once when maxWaiting calls already wait, and those continue to wait', async () => {
    const mesh = new ScriptedMesh({ maxWaiting: 2, timeout: 60_000 })
    const calls = [mesh.call('find'), mesh.call('find')]
    const error = await rejection(mesh.call('find'))
    expect(error).toMatchObject({ name: 'Unavailable', data: { outcome: 'not-sent' } })
    expect(error.message).toMatch(/^todos\.find\(\): 2 calls wait already; 'todos' has never been seen/)
    mesh.join('one')
    mesh.transport.sent.forEach(sent => sent.reply('found'))
    expect(await Promise.all(calls)).toEqual(['found', 'found'])
  })

  it('frees its place when it times out or is aborted', async () => {
    const mesh = new ScriptedMesh({ maxWaiting: 1, timeout: 60_000 })
    const controller = new AbortController()
    const aborted = rejection(mesh.call('find', [], { signal: controller.signal }))
    controller.abort()
    await aborted
    expect((await rejection(mesh.call('find', [], { timeout: 1 }))).message).toContain('no node took it within 1 ms')
    const call = mesh.call('find')
    mesh.join('one')
    mesh.last.reply('found')
    expect(await call).toBe('found')
  })

  it('is rejected at once when this node leaves, and is never sent', async () => {
    const mesh = new ScriptedMesh({ timeout: 60_000 })
    const call = mesh.call('find')
    const start = mesh.remotes.whenCallable('todos')
    mesh.remotes.close()
    expect((await rejection(call)).message).toBe('todos.find(): this node has left the mesh')
    expect((await rejection(start)).message).toBe("'todos': this node has left the mesh")
    mesh.join('one')
    expect(mesh.asked).toEqual([])
  })

  it('is rejected between two attempts when this node leaves', async () => {
    const mesh = new ScriptedMesh({ timeout: 60_000, retryDelay: 60_000 })
    mesh.join('one')
    const call = mesh.call('find')
    mesh.last.fail('unknown')
    mesh.remotes.close()
    expect(await rejection(call)).toMatchObject({
      message: 'todos.find(): this node has left the mesh', data: { outcome: 'unknown' }
    })
  })

  it('ends with its failure and is not sent again when this node has left', async () => {
    const mesh = new ScriptedMesh({ timeout: 60_000, retryDelay: 1 })
    mesh.join('one')
    const call = mesh.call('find')
    mesh.remotes.close()
    const timers = jest.spyOn(global, 'setTimeout')
    const cleared = jest.spyOn(global, 'clearTimeout')
    mesh.last.fail('unknown')
    expect(await rejection(call)).toMatchObject({ name: 'Unavailable', data: { outcome: 'unknown' } })
    // The pause that it would have made is over with it.
    for (const { value } of timers.mock.results) expect(cleared).toHaveBeenCalledWith(value)
    timers.mockRestore()
    cleared.mockRestore()
    expect(mesh.asked).toEqual(['one'])
  })
})
