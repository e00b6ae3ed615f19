import { RedisMedium } from '../../../../lib/transport/cote/discovery/ways/redis-medium'
import type { RedisClient } from '../../../../lib/transport/cote/discovery/ways/ioredis'
import { PROCESS_LOG } from '../../../../lib/log'
import { until } from '../../../until'

/** A client whose server drops all packets: it ends when its time is over. */
function lostClient (): RedisClient {
  const client: RedisClient = {
    on: () => client,
    connect: async () => { throw new Error('connect ETIMEDOUT') },
    disconnect: () => {},
    publish: async () => 0,
    subscribe: async () => 0
  }
  return client
}

describe('a Redis server that answers nothing', () => {
  it('gets time for a slow network at first, and is then tried shortly, so that its return is seen soon', async () => {
    jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const times: unknown[] = []
    const medium = new RedisMedium({
      place: { host: '127.0.0.1', port: 1, options: {} },
      name: 'Redis',
      make: options => {
        times.push(Reflect.get(options, 'connectTimeout'))
        return lostClient()
      },
      port: 1, address: '127.0.0.1', environment: '', isClosed: false, log: PROCESS_LOG,
      receive: () => {}, hellos: () => [], onUp: () => {}, onRejected: () => {}
    })
    await until('tries', () => times.length >= 8)
    await medium.close()
    // Each try has two clients.
    expect(times.slice(0, 8)).toEqual([3_000, 3_000, 500, 500, 500, 500, 500, 500])
    jest.restoreAllMocks()
  })
})
