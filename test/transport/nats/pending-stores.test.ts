import { PendingStores } from '../../../lib/transport/nats/durable/pending-stores'
import { rejection } from '../../until'

describe('events that wait to be stored', () => {
  const store = (pending: PendingStores, length: number): Promise<unknown> =>
    rejection(pending.store({ subject: 'a', bytes: Buffer.alloc(length) }))

  it('are refused beyond a number, and all of them when the node leaves', async () => {
    const pending = new PendingStores(60_000)
    const waiting = Array.from({ length: 10_000 }, async () => await store(pending, 1))
    expect(String(await store(pending, 1))).toMatch('10000 events wait to be stored already')
    pending.close()
    expect(String((await Promise.all(waiting))[0])).toMatch('this node has left the mesh')
  })

  it('are refused beyond a number of bytes', async () => {
    const pending = new PendingStores(60_000)
    const waiting = store(pending, 64 * 1_048_576)
    expect(String(await store(pending, 1))).toMatch('1 events wait to be stored already')
    pending.close()
    await waiting
  })

  it('go in their order once there is a connection, and are refused where the server does so', async () => {
    const pending = new PendingStores(60_000)
    const sent: string[] = []
    const waiting = ['a', 'b'].map(async subject => await pending.store({ subject, id: subject, bytes: Buffer.of(1) }))
    const refused = store(pending, 2_000)
    pending.begin({
      consumers: { get: async () => { throw new Error('not asked for') } },
      publish: async (subject, data, { msgID }) => {
        sent.push(subject)
        if (data.length > 1) throw Object.assign(new Error('too long'), { status: 400 })
        return msgID
      }
    }, 10_000)
    await Promise.all(waiting)
    expect(sent).toEqual(['a', 'b', 'a'])
    expect(String(await refused)).toMatch('too long')
    expect(String(await store(pending, 9_000))).toMatch('it takes 9000 bytes, and the server takes messages of 10000')
  })
})
