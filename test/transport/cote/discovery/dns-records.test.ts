import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { DnsRecords, type DnsAnswer } from '../../../../lib/transport/cote/discovery/ways/dns-records'
import { until } from '../../../until'
import type { NodePlace } from '../../../../lib/transport/cote/discovery/way'

const A = 1
const AAAA = 28
const SRV = 33

type RecordOf = readonly [type: number, data: Buffer]
/** Records, or the code of a failure; undefined for a server that does not answer. */
type Answer = readonly RecordOf[] | number | undefined

const SERVFAIL = 2

const a = (address: string): RecordOf => [A, Buffer.from(address.split('.').map(Number))]

function nameOf (labels: string): Buffer {
  const parts = labels.split('.').filter(label => label !== '').map(label => Buffer.from(`_${label}`))
  for (const part of parts) part[0] = part.length - 1
  return Buffer.concat([...parts, Buffer.from([0])])
}

const srv = (target: string, port: number): RecordOf =>
  [SRV, Buffer.concat([Buffer.from([0, 0, 0, 0, port >> 8, port & 255]), nameOf(target)])]

/** The name and the type that a packet asks for, and where the question ends. */
function questionOf (packet: Buffer): { name: string, type: number, end: number } {
  const labels: string[] = []
  let at = 12
  for (; packet[at] !== 0; at += packet[at] + 1) labels.push(packet.toString('latin1', at + 1, at + 1 + packet[at]))
  return { name: labels.join('.'), type: packet.readUInt16BE(at + 1), end: at + 5 }
}

function reply (packet: Buffer, end: number, answer: readonly RecordOf[] | number): Buffer {
  const records = typeof answer === 'number' ? [] : answer
  const head = Buffer.from(packet.subarray(0, 12))
  head.writeUInt16BE(0x8180 | (typeof answer === 'number' ? answer : 0), 2)
  head.writeUInt16BE(records.length, 6)
  head.fill(0, 8)
  return Buffer.concat([head, packet.subarray(12, end), ...records.map(([type, data]) => {
    const fields = Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, data.length >> 8, data.length & 255])
    return Buffer.concat([fields, data])
  })])
}

let socket: Socket
let place: string
let answers: (name: string, type: number) => Answer
let asked: string[]

beforeEach(async () => {
  asked = []
  socket = createSocket('udp4', (packet, { port, address }) => {
    const { name, type, end } = questionOf(packet)
    asked.push(`${name} ${type}`)
    const answer = answers(name, type)
    if (answer !== undefined) socket.send(reply(packet, end, answer), port, address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  place = `127.0.0.1:${socket.address().port}`
})

afterEach(() => { socket.close() })

let records: DnsRecords | undefined

afterEach(() => records?.cancel())

interface Asked {
  readonly first: Promise<readonly NodePlace[]>
  readonly all: Promise<DnsAnswer>
}

/** The first that is told of the addresses or SRV records of a name, and all of it. */
function ask (name: string, port?: number): Asked {
  const made = records = new DnsRecords({ name, port, server: place })
  let all: Promise<DnsAnswer> | undefined
  const first = new Promise<readonly NodePlace[]>(resolve => { all = made.ask(resolve) })
  if (all === undefined) throw new Error('nothing was asked')
  return { first, all }
}

const PLACE = { host: '127.0.0.2', port: 4100 }

describe('what DNS knows of a name', () => {
  it('arrives before the other family, for which a server gives no answer', async () => {
    answers = (_name, type) => type === A ? [a('127.0.0.2')] : undefined
    const { first, all } = ask('todos.test', 4100)
    all.catch(() => {})
    expect(await first).toEqual([PLACE])
  })

  it('is a part where a server can\'t tell the addresses of one family', async () => {
    answers = (_name, type) => type === A ? [a('127.0.0.2')] : SERVFAIL
    expect(await ask('todos.test', 4100).all).toEqual({ places: [PLACE], ttl: 60, isPartial: true })
    answers = (_name, type) => type === A ? [a('127.0.0.2')] : []
    expect(await ask('todos.test', 4100).all).toEqual({ places: [PLACE], ttl: 60, isPartial: false })
  })
})

describe('what SRV records name', () => {
  const target = (name: string, answer: Answer): void => {
    const all = [srv('good.test', 4100), srv('bad.test', 4100)]
    answers = (asked, type) => {
      if (type === SRV) return all
      if (asked === name) return answer
      return type === A ? [a('127.0.0.2')] : []
    }
  }

  it('arrives before the addresses of a host for which a server gives no answer', async () => {
    target('bad.test', undefined)
    const { first, all } = ask('_mesh._tcp.todos.test')
    all.catch(() => {})
    expect(await first).toEqual([PLACE])
  })

  it('is known but for a host of which a server can\'t tell the addresses', async () => {
    target('bad.test', SERVFAIL)
    expect(await ask('_mesh._tcp.todos.test').all).toEqual({ places: [PLACE], ttl: 60, isPartial: true })
  })

  it('fails where there is no answer for any host', async () => {
    answers = (_name, type) => type === SRV ? [srv('bad.test', 4100)] : SERVFAIL
    await expect(ask('_mesh._tcp.todos.test').all).rejects.toMatchObject({ code: 'ESERVFAIL' })
  })

  it('is asked once for each host, and not for records without a port or a host', async () => {
    answers = (_name, type) => {
      if (type === SRV) return [srv('a.test', 4100), srv('a.test', 4101), srv('b.test', 0), srv('.', 4100)]
      return type === A ? [a('127.0.0.2')] : []
    }
    const { places } = await ask('_mesh._tcp.todos.test').all
    expect(places).toEqual([PLACE, { ...PLACE, port: 4101 }])
    expect([...asked].sort()).toEqual([`_mesh._tcp.todos.test ${SRV}`, `a.test ${A}`, `a.test ${AAAA}`].sort())
  })

  it('is asked for 32 hosts at a time', async () => {
    let isSilent = true
    answers = (name, type) => {
      if (name === 'behind.test') return [a('127.0.0.2')]
      if (type === SRV) return Array.from({ length: 40 }, (_, n) => srv(`${n}.test`, 4100))
      if (isSilent) return undefined
      return type === A ? [a('127.0.0.2')] : []
    }
    const { all } = ask('_mesh._tcp.todos.test')
    all.catch(() => {})
    const hosts = (): number => new Set(asked.filter(each => /^\d+\.test 1$/.test(each))).size
    await until('the first hosts', () => hosts() >= 32)
    // What was asked at once with them would have arrived before this.
    const behind = new DnsRecords({ name: 'behind.test', port: 1, server: place })
    await behind.ask(() => {})
    behind.cancel()
    expect(hosts()).toBe(32)
    isSilent = false
    // c-ares asks again for what had no answer.
    expect((await all).places).toHaveLength(40)
  })
})
