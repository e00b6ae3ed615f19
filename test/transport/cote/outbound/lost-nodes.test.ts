import net, { createServer } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { LostNodes } from '../../../../lib/transport/cote/outbound/lost-nodes'
import type { RemoteComponent } from '../../../../lib/transport/cote/discovery/discovery'
import { until } from '../../../until'
import { Sockets } from '../sockets'

const sockets = new Sockets()
let lost: LostNodes | undefined

afterEach(() => {
  jest.useRealTimers()
  lost?.stop()
})

const component = (iid: string, port: number): RemoteComponent =>
  ({ iid, address: '127.0.0.1', advertisement: { name: 'any', key: '$$default', port } as never })

/** Lets a second pass for the search, and then all that comes of its tries. */
function fakeClock (): { readonly second: () => Promise<void> } {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'setTimeout'] })
  return {
    second: async () => {
      jest.advanceTimersByTime(1_000)
      for (let n = 0; n < 10; n++) await nextTurn()
    }
  }
}

/** The ids of the nodes that were found again. */
function search (): string[] {
  const found: string[] = []
  lost = new LostNodes(({ iid }) => found.push(iid))
  return found
}

describe('a lost node', () => {
  it('is found once when it accepts connections, and again after it is lost again', async () => {
    const { port } = await sockets.listen(socket => socket.resume())
    const found = search()
    lost?.add(component('one', port), true)
    await until('it to be found', () => found.length === 1)
    lost?.add(component('two', port), true)
    await until('the other one', () => found.length === 2)
    lost?.add(component('one', port), true)
    await until('it to be found again', () => found.length === 3)
    expect(found).toEqual(['one', 'two', 'one'])
  })

  it('is not looked for where it was only heard, while a hundred such are', async () => {
    const { port } = await sockets.listen(socket => socket.resume())
    const found = search()
    for (let n = 0; n <= 100; n++) lost?.add(component(`heard ${n}`, port), false)
    lost?.add(component('known', port), true)
    await until('all that are looked for', () => found.length === 101)
    expect(new Set(found).size).toBe(101)
    expect(['known', 'heard 99', 'heard 100'].map(id => found.includes(id))).toEqual([true, true, false])
  })

  it('is found when it listens again, although its machine refused connections meanwhile', async () => {
    const { server, port } = await sockets.listen()
    server.close()
    const found = search()
    lost?.add(component('back', port), true)
    const dialled = jest.spyOn(net, 'connect')
    await until('two tries', () => dialled.mock.calls.length >= 2)
    dialled.mockRestore()
    const again = createServer(socket => socket.resume()).listen(port, '127.0.0.1')
    await until('it to be found', () => found.length === 1)
    again.close()
  })

  it.each<[string, boolean, number, number]>([
    ['five minutes that was connected, and is refused now', true, 150, 360],
    ['three tries that only a hello names', false, 3, 3]
  ])('is given up after %s', async (_what, wasConnected, least, most) => {
    const { server, port } = await sockets.listen()
    server.close()
    const clock = fakeClock()
    search()
    const timers = (): number => jest.getTimerCount()
    const dialled = jest.spyOn(net, 'connect')
    lost?.add(component('gone', port), wasConnected)
    expect(timers()).toBe(1)
    for (let n = 0; n < 320 && timers() > 0; n++) await clock.second()
    const tries = dialled.mock.calls.length
    dialled.mockRestore()
    expect(timers()).toBe(0)
    expect(tries).toBeGreaterThanOrEqual(least)
    expect(tries).toBeLessThanOrEqual(most)
  })

  it('is looked for as long as before when it was found and turned out to be none', async () => {
    const { port } = await sockets.listen(socket => socket.destroy())
    const clock = fakeClock()
    let found = 0
    lost = new LostNodes(each => {
      found++
      lost?.add(each, false)
    })
    lost.add(component('a program that is none', port), false)
    for (let n = 0; n < 30 && jest.getTimerCount() > 0; n++) await clock.second()
    expect(jest.getTimerCount()).toBe(0)
    expect(found).toBe(3)
  })

  it('is one of at most a hundred that only hellos name, and of a thousand others', () => {
    search()
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick'] })
    const dialled = jest.spyOn(net, 'connect').mockImplementation(() => new net.Socket())
    for (let n = 0; n < 5_000; n++) lost?.add(component(`heard ${n}`, 9), false)
    jest.advanceTimersByTime(1_000)
    expect(dialled).toHaveBeenCalledTimes(100)
    for (let n = 0; n < 5_000; n++) lost?.add(component(`connected ${n}`, 9), true)
    dialled.mockClear()
    jest.advanceTimersByTime(1_000)
    expect(dialled).toHaveBeenCalledTimes(100)
    for (let n = 0; n < 20; n++) jest.advanceTimersByTime(1_000)
    // Each of them once, as those are under way.
    expect(dialled).toHaveBeenCalledTimes(1_000)
    dialled.mockRestore()
  })

  it('is not looked for when it is lost after the search has ended', () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick'] })
    search()
    lost?.add(component('before', 9), true)
    lost?.stop()
    expect(jest.getTimerCount()).toBe(0)
    lost?.add(component('after', 9), true)
    expect(jest.getTimerCount()).toBe(0)
  })

  it('is not searched for after its hello arrives', async () => {
    const { port } = await sockets.listen(socket => socket.resume())
    const found = search()
    lost?.add(component('heard of', port), true)
    lost?.add(component('other', port), true)
    lost?.delete('heard of')
    await until('the other one', () => found.length > 0)
    expect(found).toEqual(['other'])
  })

  it('is not found by a pending attempt at a former address', async () => {
    const [former, next] = [await sockets.listen(socket => socket.resume()), await sockets.listen()]
    next.server.close()
    jest.useFakeTimers({ doNotFake: ['setTimeout', 'setImmediate', 'nextTick', 'Date', 'performance'] })
    const found = search()
    lost?.add(component('moved', former.port), true)
    jest.advanceTimersByTime(1_000)
    lost?.add(component('moved', next.port), true)
    // The one that stays is found after the moved one was tried at its next place.
    lost?.add(component('stays', former.port), true)
    await until('the search to end', () => {
      jest.advanceTimersByTime(1_000)
      return found.includes('stays')
    })
    expect(found).toEqual(['stays'])
  })
})
