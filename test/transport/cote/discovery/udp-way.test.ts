import { createSocket } from 'node:dgram'
import type { Medium, WayContext } from '../../../../lib/transport/cote/discovery/way'
import { AnswerSocket } from '../../../../lib/transport/cote/discovery/ways/answer-socket'
import { UdpWay } from '../../../../lib/transport/cote/discovery/ways/udp-way'
import { PROCESS_LOG } from '../../../../lib/log'
import { until } from '../../../until'
import { discoveryPort } from '../legacy/old-node'

type Heard = [text: string, address: string]

describe('nodes of one machine that share a UDP port', () => {
  const port = discoveryPort()
  const media: Medium[] = []

  const open = async (way: UdpWay, heard: Heard[] = []): Promise<Medium> => {
    const context: WayContext = {
      port,
      address: '127.0.0.1',
      environment: '',
      isClosed: false,
      receive: (bytes, address) => heard.push([bytes.toString(), address]),
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
    const ports = [one, other, third].map(({ answers }) => answers?.port)
    expect(new Set([...ports, port]).size).toBe(4)
    await one.answers?.send(Buffer.from('for the other'), other.answers?.port ?? NaN)
    await third.send(Buffer.from('for all'))
    await until('both', () => heard.every(of => of.some(([text]) => text === 'for all')) && heard[1].length > 1)
    expect(heard[0]).toEqual([['for all', '127.0.0.1']])
    expect(heard[2]).toEqual(heard[0])
    expect(heard[1]).toHaveLength(2)
    expect(heard[1]).toContainEqual(['for the other', '127.0.0.1'])
  })

  it.each([
    ['unicast', ['127.0.0.1']], ['unicast', ['::1']], ['broadcast', ['192.0.2.255']],
    ['unicast', ['127.0.0.1', '192.0.2.1']]
  ] as const)('have one by %s to %j only where that leads to this machine alone', async (kind, hosts) => {
    const { answers } = await open(new UdpWay(kind, hosts))
    const isHere = hosts.every(host => ['127.0.0.1', '::1'].includes(host))
    expect(answers?.port).toEqual(isHere ? expect.any(Number) : undefined)
  })

  it('hear what is for all where the system has no second socket for them', async () => {
    jest.spyOn(AnswerSocket, 'open').mockResolvedValueOnce(undefined)
    const heard: Heard[] = []
    const medium = await open(here(), heard)
    expect(medium.answers).toBeUndefined()
    await medium.send(Buffer.from('for all'))
    await until('it', () => heard.length > 0)
    expect(heard).toEqual([['for all', '127.0.0.1']])
  })

  it('live on when an answer can not be sent, or nobody reads it', async () => {
    const heard: Heard[] = []
    const medium = await open(here(), heard)
    const gone = createSocket('udp4')
    await new Promise<void>(resolve => gone.bind(0, '127.0.0.1', resolve))
    const { port: nobody } = gone.address()
    await new Promise<void>(resolve => { gone.close(resolve) })
    await medium.answers?.send(Buffer.from('answer'), nobody)
    await medium.answers?.send(Buffer.alloc(70_000), medium.answers?.port ?? NaN)
    await medium.answers?.send(Buffer.from('for itself'), medium.answers?.port ?? NaN)
    await until('it', () => heard.length > 0)
    expect(heard).toEqual([['for itself', '127.0.0.1']])
  })
})
