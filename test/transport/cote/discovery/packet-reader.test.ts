import { readPacket, type Advertisement } from '../../../../lib/transport/cote/discovery/hello'
import { PacketReader } from '../../../../lib/transport/cote/discovery/packet-reader'
import { writeGoodbye, writeHello } from '../../../../lib/transport/cote/discovery/write-hello'
import { advertisement, sender } from './said'

const hello = (now: number, change: Partial<Advertisement> = {}, iid = 'i'): Buffer =>
  writeHello(iid, sender, { ...advertisement, ...change }, now)

/** A hello with this text in the place of its time. */
const withTime = (text: string): Buffer => Buffer.from(hello(1234567).toString().replace('"now":1234567', text))

describe('a hello that is said again', () => {
  it('is read as the first one is, but for its time, with the same advertisement', () => {
    const reader = new PacketReader()
    const [first, second] = [5, 1_700_000_000_000].map(now => reader.read(hello(now)))
    expect(first).toEqual(readPacket(hello(5)))
    expect(second).toEqual(readPacket(hello(1_700_000_000_000)))
    expect(second?.advertisement).toBe(first?.advertisement)
  })

  it('is not mistaken for one that says something else', () => {
    const reader = new PacketReader()
    const hellos = [
      hello(5), hello(6, { port: 4001 }), hello(7, { mesh: { version: 1, revision: 4 } }), hello(8, {}, 'j'),
      ...['ä', 'Ã¤'].map(name => hello(9, { mesh: { version: 1, revision: 4, name } })),
      writeHello('i', { ...sender, processId: 'other' }, advertisement, 10), writeGoodbye('i', sender)
    ]
    for (const bytes of [...hellos, ...hellos]) expect(reader.read(bytes)).toEqual(readPacket(bytes))
  })

  it('is read whole wherever its time is not just the digits in its place', () => {
    const reader = new PacketReader()
    const times = [
      '"now":5', '"now":5.5', '"now":05', '"now":5e3', '"now":5e0', '"now":-5', '"now":0', '"now":99999999999999999999',
      '"now":"5"', '"now":null', '"now":{}', '"now":5,"now":6', '"now":6,"now":5', '"now": 5', '"x":{"now":5}',
      '"x":"\\"now\\":5"', '"\\u006eow":5', '"now":5,"\\u006eow":6', '"now":true', '"now":5 ',
      '"now":5,"n\\u006fw":5', '"\\"now":5,"n\\u006fw":5', '"x":{"now":5},"n\\u006fw":5', '"now":8639999999999999.4',
      '"now":5.4', '"now":5.00000000000000000001'
    ]
    for (const before of times) {
      for (const text of [before, before.replace('5', '7'), before]) {
        const bytes = withTime(text)
        expect(reader.read(bytes)).toEqual(readPacket(bytes))
      }
    }
  })

  it('is refused where it is cut, whatever was read before', () => {
    const reader = new PacketReader()
    const whole = hello(1234567)
    reader.read(whole)
    for (let length = 0; length < whole.length; length++) {
      expect(reader.read(whole.subarray(0, length))).toBeUndefined()
    }
  })
})

describe('what is remembered', () => {
  it('are the hellos of 2,000 senders', () => {
    const reader = new PacketReader()
    const first = reader.read(hello(5))
    for (let n = 0; n < 2_000; n++) reader.read(hello(5, {}, `i${n}`))
    expect(reader.size).toBe(2_000)
    expect(reader.read(hello(6))?.advertisement).not.toBe(first?.advertisement)
  })

  it('are those of one sender that have different lengths, and of one length the last one', () => {
    const reader = new PacketReader()
    const [earlier, last, longer] = [1, 2, 10].map(port => reader.read(hello(5, { port })))
    expect(reader.read(hello(6, { port: 2 }))?.advertisement).toBe(last?.advertisement)
    expect(reader.read(hello(66, { port: 10 }))?.advertisement).toBe(longer?.advertisement)
    expect(reader.read(hello(6, { port: 1 }))?.advertisement).not.toBe(earlier?.advertisement)
  })

  it('is kept apart from the memory of the packet, which its reader may use again', () => {
    const reader = new PacketReader()
    const [packet, said] = [hello(5), hello(6)]
    const first = reader.read(packet)
    packet.fill(0)
    expect(reader.read(said)?.advertisement).toBe(first?.advertisement)
  })

  it.each([0, 1, 20, 21, 127, 128, 129])('is compared whole where packets differ in their byte %s', at => {
    const reader = new PacketReader()
    reader.read(hello(5))
    const bytes = hello(6)
    bytes[at] ^= 1
    expect(reader.read(bytes)).toEqual(readPacket(bytes))
  })

  it('has none of more than 2,000 bytes', () => {
    const reader = new PacketReader()
    const requests = Array.from({ length: 200 }, (_, n) => `method-${n}`)
    const bytes = hello(5, { requests })
    expect(bytes.length).toBeGreaterThan(2_000)
    expect(reader.read(bytes)).toEqual(readPacket(bytes))
    expect(reader.size).toBe(0)
  })

  it('has nothing of packets that can be no hellos', () => {
    const reader = new PacketReader()
    const texts = ['', '"now":5', '{"now":5}', writeGoodbye('i', sender).toString()]
    for (const text of texts) reader.read(Buffer.from(text))
    expect(reader.size).toBe(0)
  })
})
