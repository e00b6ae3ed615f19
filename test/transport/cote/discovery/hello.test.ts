import { readPacket, type Packet } from '../../../../lib/transport/cote/discovery/hello'
import { writeGoodbye, writeHello } from '../../../../lib/transport/cote/discovery/write-hello'
import { random } from '../collect'
import { advertisement, sender } from './said'

const hello = (change: object = {}): Record<string, unknown> =>
  ({ event: 'hello', iid: 'i', data: { advertisement: { ...advertisement, ...change } } })

const read = (packet: unknown): unknown => readPacket(Buffer.from(JSON.stringify(packet)))

describe('the packets of our nodes', () => {
  it('can be read back without loss', () => {
    expect(readPacket(writeHello('i', sender, advertisement)))
      .toEqual({
        event: 'hello', iid: 'i', pid: sender.processId, hostName: 'host',
        advertisement: { type: 'service', ...advertisement }
      })
    expect(readPacket(writeGoodbye('i', sender))).toEqual({ event: 'goodbye', iid: 'i', pid: sender.processId })
  })

  it('contain everything that a stock peer reads', () => {
    expect(JSON.parse(writeHello('i', sender, advertisement).toString())).toEqual({
      event: 'hello',
      pid: 'process',
      iid: 'i',
      hostName: 'host',
      data: {
        isMaster: false,
        isMasterEligible: false,
        weight: 0,
        address: '127.0.0.1',
        id: 'i',
        processId: 'process',
        processCommand: 'node app.js',
        advertisement: { type: 'service', ...advertisement }
      }
    })
  })
})

describe('the list of contracts in a hello', () => {
  const mesh = { version: 1, revision: 3, hash: 'h'.repeat(43) }
  const withList = (list: unknown): Packet | undefined =>
    readPacket(Buffer.from(JSON.stringify(hello({ mesh: { ...mesh, list } }))))

  it('travels beside the advertisement, which has its hash', () => {
    const packet = readPacket(writeHello('i', sender, { ...advertisement, mesh: { ...mesh, list: 'abc' } }))
    expect([packet?.list, packet?.advertisement?.mesh]).toEqual(['abc', mesh])
  })

  it.each([[undefined], [7], [null], [['abc']], ['x'.repeat(2_001)]])('is none where it is %.20j', list => {
    expect([withList(list)?.list, withList(list)?.advertisement?.mesh]).toEqual([undefined, mesh])
  })
})

describe('a hello that nodes of feathers-mesh alone can read', () => {
  it('says as much to them in fewer bytes', () => {
    const [plain, sealed] = [sender, { ...sender, isSealed: true }].map(each => writeHello('i', each, advertisement, 5))
    expect(sealed && readPacket(sealed)).toEqual(plain && readPacket(plain))
    expect(sealed?.length).toBeLessThan(Number(plain?.length) - 100)
  })
})

describe('the clock in a hello', () => {
  it('travels beside what the hello announces, which it does not change', () => {
    const [first, second] = [5, 6].map(now => readPacket(writeHello('i', sender, advertisement, now)))
    expect([first?.now, second?.now]).toEqual([5, 6])
    expect(first?.advertisement).toEqual(second?.advertisement)
    expect(first?.advertisement?.mesh).toEqual({ version: 1, revision: 3, tellsClock: true })
  })

  it.each([[null], ['5'], [-1], [1e300], [{}]])('is none where it is %j', now => {
    const packet = readPacket(Buffer.from(JSON.stringify(hello({ mesh: { version: 1, revision: 3, now } }))))
    expect([packet?.now, packet?.advertisement?.mesh]).toEqual([undefined, { version: 1, revision: 3 }])
  })
})

describe('the packets of other nodes', () => {
  it('may contain only what a stock component sends', () => {
    const stock = { name: 'requester', key: '$$default', axon_type: 'req' }
    expect(read({ event: 'hello', iid: 'i', data: { advertisement: stock } })).toEqual({
      event: 'hello', iid: 'i', advertisement: stock
    })
  })

  it('lose their data when they are not hellos', () => {
    expect(read({ event: 'master', iid: 'i', data: { a: 1 } })).toEqual({ event: 'master', iid: 'i' })
  })

  it.each<[unknown]>([
    [null], [true], [7], ['hello'], [[]], [{}], [{ event: 'hello' }], [{ iid: 'i' }], [{ event: 7, iid: 'i' }],
    [{ event: 'hello', iid: 7 }],
    [{ event: 'hello', iid: 'i' }], [{ event: 'hello', iid: 'i', data: null }],
    [{ event: 'hello', iid: 'i', data: { advertisement: null } }],
    [{ event: 'hello', iid: 'i', data: { advertisement: [] } }],
    [hello({ key: undefined })], [hello({ key: 7 })], [hello({ axon_type: undefined })], [hello({ axon_type: {} })],
    [hello({ name: 7 })],
    [hello({ namespace: {} })], [hello({ appUuid: 7 })], [hello({ appDistributionKey: [] })],
    [hello({ port: 0 })], [hello({ port: -1 })], [hello({ port: 65536 })], [hello({ port: 1.5 })],
    [hello({ port: '4000' })], [hello({ port: null })],
    [hello({ mesh: null })], [hello({ mesh: 1 })], [hello({ mesh: {} })], [hello({ mesh: { version: 1 } })],
    [hello({ mesh: { version: '1', revision: 0 } })],
    [hello({ requests: 'find' })], [hello({ requests: [7] })]
  ])('are rejected when they are %j', packet => {
    expect(read(packet)).toBeUndefined()
  })

  it.each([
    [''], ['{'], ['hello'], ['{"event":"hello"'], ['\u0000']
  ])('are rejected when they are not JSON, like %j', text => {
    expect(readPacket(Buffer.from(text))).toBeUndefined()
  })
})

describe('the packet reader', () => {
  const next = random(2024)
  const pick = <T> (values: readonly T[]): T => values[Math.floor(next() * values.length)]

  /** A value of any shape, with the names that are looked at more often than chance would have them. */
  function anything (depth: number): unknown {
    const leaves = [null, true, 0, -1, 1.5, 1e300, '', 'hello', 'goodbye', '__proto__', '🎉', 65535]
    if (depth === 0 || next() < 0.3) return pick(leaves)
    if (next() < 0.3) return Array.from({ length: Math.floor(next() * 4) }, () => anything(depth - 1))
    const names = [
      'event', 'iid', 'data', 'advertisement', 'key', 'axon_type', 'name', 'port', 'mesh', 'version', 'revision',
      'hostName', '__proto__'
    ]
    return Object.fromEntries(Array.from({ length: Math.floor(next() * 6) }, () => [pick(names), anything(depth - 1)]))
  }

  it('never throws on random packets, and never returns an incomplete packet', () => {
    let understood = 0
    for (let n = 0; n < 2000; n++) {
      const good = writeHello('i', sender, advertisement)
      const packets = [
        Buffer.from(Array.from({ length: Math.floor(next() * 200) }, () => Math.floor(next() * 256))),
        Buffer.from(JSON.stringify(anything(4))),
        Buffer.from(
          JSON.stringify({
            event: 'hello', iid: 'i',
            data: { advertisement: { ...advertisement, [pick(Object.keys(advertisement))]: anything(2) } }
          })
        ),
        good.subarray(0, Math.floor(next() * good.length)),
        Buffer.from(good.map(byte => next() < 0.01 ? Math.floor(next() * 256) : byte))
      ]
      const packet = readPacket(pick(packets))
      if (packet === undefined) continue
      understood++
      expect(typeof packet.event).toBe('string')
      expect(typeof packet.iid).toBe('string')
      if (packet.event !== 'hello') continue
      expect(typeof packet.advertisement?.key).toBe('string')
      expect(typeof packet.advertisement?.axon_type).toBe('string')
    }
    // Else the packets would all have been refused for one reason.
    expect(understood).toBeGreaterThan(50)
  })

  it('drops unknown fields, however deeply they are nested', () => {
    const deep = `${'['.repeat(8_000)}${']'.repeat(8_000)}`
    const packet = JSON.stringify({ event: 'hello', iid: 'i', data: { advertisement: { ...advertisement, deep: 0 } } })
    const read = readPacket(Buffer.from(packet.replace('"deep":0', `"deep":${deep}`)))
    expect(read?.advertisement).toEqual(advertisement)
  })
})
