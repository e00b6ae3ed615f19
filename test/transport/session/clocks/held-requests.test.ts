import type { Request } from 'feathers-mesh/transport'
import { encodeRequest } from '../../../../lib/transport/messages/request'
import { HeldRequests } from '../../../../lib/transport/session/clocks/held-requests'
import { PendingCalls } from '../../../../lib/transport/session/requests/pending-calls'

function world (): {
  held: HeldRequests
  hold: (data: unknown, deadline?: number) => number
  sent: Array<readonly [id: number, text: string]>
  failed: unknown[]
} {
  const pending = new PendingCalls()
  const sent: Array<readonly [number, string]> = []
  const failed: unknown[] = []
  const encode = (request: Request): ReturnType<typeof encodeRequest> =>
    encodeRequest({ ...request, deadline: Number(request.deadline) + 0.5 })
  const held = new HeldRequests({ pending, encode, send: (id, { text }) => sent.push([id, text]) })
  const hold = (data: unknown, deadline?: number): number => {
    const id = pending.add({ settle: () => {}, fail: error => failed.push(error) })
    const request = { method: 'create', key: '', path: 'todos', data, deadline }
    held.add(id, request, encodeRequest(request))
    return id
  }
  return { held, hold, sent, failed }
}

describe('requests that wait for the clock of their peer', () => {
  it('are sent in order when it is known, with a deadline that is written then', () => {
    const { held, hold, sent } = world()
    const ids = [hold(1, 5), hold(2), hold(3, 7)]
    held.send(false)
    expect(sent.map(([id]) => id)).toEqual([ids[1]])
    held.send(true)
    held.send(true)
    expect(sent.map(([id]) => id)).toEqual([ids[1], ids[0], ids[2]])
    expect(sent.map(([, text]) => text)).toEqual([
      expect.not.stringContaining('deadline'),
      expect.stringContaining('"deadline":5.5'), expect.stringContaining('"deadline":7.5')
    ])
    expect(held.length).toBe(0)
  })

  it('fail as not sent when they are given up, and one that is made meanwhile is kept', () => {
    const pending = new PendingCalls()
    const sent: number[] = []
    const held = new HeldRequests({ pending, encode: encodeRequest, send: id => sent.push(id) })
    const request = { method: 'create', key: '', path: 'todos', deadline: 5 }
    const failed: unknown[] = []
    const hold = (): void => {
      const fail = (error: unknown): void => {
        failed.push(error)
        if (failed.length < 10) hold()
      }
      held.add(pending.add({ settle: () => {}, fail }), request, encodeRequest(request))
    }
    hold()
    held.fail('it does not answer')
    expect(failed).toEqual([expect.objectContaining({ message: 'it does not answer', outcome: 'not-sent' })])
    held.send(true)
    expect(sent).toHaveLength(1)
  })

  it('are never sent once they are cancelled, and take no memory then', () => {
    const { held, hold, sent } = world()
    const id = hold('x'.repeat(1_000), 5)
    expect(held.length).toBeGreaterThan(1_000)
    expect([held.delete(id), held.delete(id), held.length]).toEqual([true, false, 0])
    held.send(true)
    expect(sent).toEqual([])
  })

  it('fail as not sent when their connection is gone, or what they hold can be sent no more', () => {
    const { held, hold, sent, failed } = world()
    const data: Record<string, unknown> = {}
    hold(data, 5)
    data.run = () => {}
    held.send(true)
    hold(1)
    held.fail('the connection is gone')
    expect(sent).toEqual([])
    expect(failed).toMatchObject([{ outcome: 'not-sent' }, { outcome: 'not-sent', message: 'the connection is gone' }])
  })
})
