import { createSocket } from 'node:dgram'
import type { Medium, WayContext } from '../../../../lib/transport/cote/discovery/way'
import { UdpWay } from '../../../../lib/transport/cote/discovery/ways/udp-way'
import { PROCESS_LOG } from '../../../../lib/log'
import { until } from '../../../until'
import { discoveryPort } from '../legacy/old-node'

type Heard = [how: 'all' | 'answer', text: string, address: string]

describe('nodes of one machine that share a UDP port', () => {
  const port = discoveryPort()
  const media: Medium[] = []

  const open = async (way: UdpWay, heard: Heard[] = []): Promise<Medium> => {
    const context: WayContext = {
      port,
      address: '127.0.0.1',
      environment: '',
      isClosed: false,
      receive: (bytes, address) => heard.push(['all', bytes.toString(), address]),
      receiveAnswer: (bytes, address) => heard.push(['answer', bytes.toString(), address]),
      hellos: () => [],
      onUp: () => {},
      onRejected: () => {},
      log: PROCESS_LOG
    }
    const medium = await way.open(context)
    media.push(medium)
    return medium
  }

  const here = (): UdpWay => new UdpWay('broadcast', ['127.255.255.255'])

  afterEach(async () => { await Promise.all(media.splice(0).map(async medium => await medium.close())) })

  it('have a port each at which they alone read answers', async () => {
    const heard: [Heard[], Heard[], Heard[]] = [[], [], []]
    const one = await open(here(), heard[0])
    const other = await open(here(), heard[1])
    const third = await open(here(), heard[2])
    const ports = [one, other, third].map(({ answerPort }) => answerPort)
    expect(new Set([...ports, port]).size).toBe(4)
    await one.answer?.(Buffer.from('for the other'), other.answerPort ?? NaN)
    await third.send(Buffer.from('for all'))
    await until('both', () => heard.every(of => of.some(([how]) => how === 'all')) && heard[1].length > 1)
    expect(heard[0]).toEqual([['all', 'for all', '127.0.0.1']])
    expect(heard[2]).toEqual(heard[0])
    expect(heard[1]).toHaveLength(2)
    expect(heard[1]).toContainEqual(['answer', 'for the other', '127.0.0.1'])
  })

  it.each([
    ['unicast', ['127.0.0.1']], ['unicast', ['::1']], ['broadcast', ['192.0.2.255']],
    ['unicast', ['127.0.0.1', '192.0.2.1']]
  ] as const)('have one by %s to %j only where that leads to this machine alone', async (kind, hosts) => {
    const { answerPort } = await open(new UdpWay(kind, hosts))
    const isHere = hosts.every(host => ['127.0.0.1', '::1'].includes(host))
    expect(answerPort).toEqual(isHere ? expect.any(Number) : undefined)
  })

  it('live on when an answer can not be sent, or nobody reads it', async () => {
    const heard: Heard[] = []
    const medium = await open(here(), heard)
    const gone = createSocket('udp4')
    await new Promise<void>(resolve => gone.bind(0, '127.0.0.1', resolve))
    const { port: nobody } = gone.address()
    await new Promise<void>(resolve => { gone.close(resolve) })
    await medium.answer?.(Buffer.from('answer'), nobody)
    await medium.answer?.(Buffer.alloc(70_000), medium.answerPort ?? NaN)
    await medium.answer?.(Buffer.from('for itself'), medium.answerPort ?? NaN)
    await until('it', () => heard.length > 0)
    expect(heard).toEqual([['answer', 'for itself', '127.0.0.1']])
  })
})
