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
    lost?.add(component('one', port))
    await until('it to be found', () => found.length === 1)
    lost?.add(component('two', port))
    await until('the other one', () => found.length === 2)
    lost?.add(component('one', port))
    await until('it to be found again', () => found.length === 3)
    expect(found).toEqual(['one', 'two', 'one'])
  })

  it('is dropped when nobody accepts connections at its address', async () => {
    const { server, port } = await sockets.listen()
    server.close()
    const found = search()
    lost?.add(component('gone', port))
    const timers = (): number => process.getActiveResourcesInfo().filter(name => name === 'Timeout').length
    const before = timers()
    // The search ends with the last node that it is for.
    await until('no timer of it', () => timers() < before)
    expect(found).toEqual([])
  })

  it('is not searched for after its hello arrives', async () => {
    const { port } = await sockets.listen(socket => socket.resume())
    const found = search()
    lost?.add(component('heard of', port))
    lost?.add(component('other', port))
    lost?.delete('heard of')
    await until('the other one', () => found.length > 0)
    expect(found).toEqual(['other'])
  })

  it('is not found by a pending attempt at a former address', async () => {
    const [former, next] = [await sockets.listen(socket => socket.resume()), await sockets.listen()]
    next.server.close()
    jest.useFakeTimers({ doNotFake: ['setTimeout', 'setImmediate', 'nextTick', 'Date', 'performance'] })
    const found = search()
    lost?.add(component('moved', former.port))
    jest.advanceTimersByTime(1_000)
    lost?.add(component('moved', next.port))
    // The one that stays is found after the moved one was tried at its next place.
    lost?.add(component('stays', former.port))
    await until('the search to end', () => {
      jest.advanceTimersByTime(1_000)
      return found.includes('stays')
    })
    expect(found).toEqual(['stays'])
  })
})
