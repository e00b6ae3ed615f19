import { SignsOfLife } from '../../../../../lib/transport/cote/outbound/watch/signs-of-life'
import { TransportError, type ReplyHandler } from 'feathers-mesh/transport'

const signs = new SignsOfLife()

afterEach(() => signs.stop())

describe('the signs of life of a peer', () => {
  it('are bytes that came on the connection since the last look, within the time', () => {
    const source = { bytesRead: 0 }
    const fresh = new SignsOfLife()
    expect(fresh.came(source, 60_000)).toBe(false)
    source.bytesRead = 7
    expect(fresh.came(source, 60_000)).toBe(true)
    expect(fresh.came(source, -1)).toBe(false)
    fresh.look(undefined)
    expect(fresh.came(source, 60_000)).toBe(true)
  })

  it('are an answer to a question', async () => {
    const asked: ReplyHandler[] = []
    const answer = signs.wait({ bytesRead: 0 }, 60_000, handler => asked.push(handler))
    asked[0]?.settle(null, true)
    expect(await answer).toBe(true)
  })

  it('are any bytes that come while the question waits', async () => {
    const source = { bytesRead: 1 }
    const answer = signs.wait(source, 5, () => {})
    source.bytesRead = 2
    expect(await answer).toBe(true)
  })

  it.each<[string, (handler: ReplyHandler) => void]>([
    ['nothing comes', () => {}],
    ['the question fails', handler => handler.fail(new TransportError('no connection', 'not-sent'))],
    ['nobody waits any more', () => signs.stop()]
  ])('are missing when %s', async (_what, happens) => {
    expect(await signs.wait({ bytesRead: 1 }, 5, handler => { queueMicrotask(() => happens(handler)) })).toBe(false)
  })
})
