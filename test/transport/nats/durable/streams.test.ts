import type { JsConfig, JsManager } from '../../../../lib/transport/nats/durable/jetstream'
import { ensureStream } from '../../../../lib/transport/nats/durable/streams'

const MS = 1_000_000
const unexpected = async (): Promise<never> => { throw new Error('not asked for') }

describe('a stream that is there', () => {
  async function updated (limits: { maxAge?: number, duplicateWindow?: number }): Promise<JsConfig | undefined> {
    let given: JsConfig | undefined
    const manager: JsManager = {
      streams: {
        info: async () => ({ config: { max_age: 600_000 * MS, duplicate_window: 120_000 * MS } }),
        update: async (_name, config) => { given = config },
        add: unexpected,
        getMessage: unexpected,
        deleteMessage: unexpected
      },
      consumers: { info: unexpected, async * list () {}, add: unexpected, update: unexpected }
    }
    await ensureStream(manager, { name: 'a', subject: 'a.>' }, limits)
    return given
  }

  it('knows an event for no longer than its new age, unless that is given', async () => {
    expect(await updated({ maxAge: 60_000 })).toEqual({ max_age: 60_000 * MS, duplicate_window: 60_000 * MS })
    expect(await updated({ maxAge: 300_000 })).toEqual({ max_age: 300_000 * MS, duplicate_window: 120_000 * MS })
    expect(await updated({ maxAge: 60_000, duplicateWindow: 1_000 }))
      .toEqual({ max_age: 60_000 * MS, duplicate_window: 1_000 * MS })
    expect(await updated({})).toBeUndefined()
  })
})
