import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { CountedOpener, CountedSeal, SEAL_BYTES } from '../../../../lib/transport/nats/sealing/counted-seal'
import { Handshake, type Side } from '../../../../lib/transport/nats/sealing/handshake'
import { Introductions } from '../../../../lib/transport/nats/sealing/introductions'
import { KeyRing } from '../../../../lib/transport/secrets/key-ring'

const HEAD = Buffer.from('mesh.to.default.host.default\nhost s.1 c.1\n')
const SECRET = 'a secret of the tests'
const OTHER = 'another secret of tests'

function pair (): { seal: CountedSeal, opener: CountedOpener } {
  const key = randomBytes(32)
  return { seal: new CountedSeal(key), opener: new CountedOpener(key) }
}

describe('a sealed message', () => {
  it('is opened with what stands beside it', () => {
    const { seal, opener } = pair()
    for (const text of ['', 'one', 'x'.repeat(100_000)]) {
      const sealed = seal.seal(Buffer.from(text), HEAD)
      expect(sealed.length).toBe(text.length + SEAL_BYTES)
      expect(opener.open(sealed, HEAD).toString()).toBe(text)
    }
  })

  it('shows neither its text nor that another one is the same', () => {
    const { seal } = pair()
    const text = Buffer.from('a text that stands for much')
    const [one, other] = [seal.seal(text, HEAD), seal.seal(text, HEAD)]
    expect(one.includes(text.subarray(0, 8))).toBe(false)
    expect(one.subarray(8).equals(other.subarray(8))).toBe(false)
  })

  it('is not opened when anything of it was altered, or stands beside another head', () => {
    const { seal, opener } = pair()
    const sealed = seal.seal(Buffer.from('an order'), HEAD)
    for (let n = 0; n < sealed.length; n++) {
      const altered = Buffer.from(sealed)
      altered[n] ^= 1
      expect(() => opener.open(altered, HEAD)).toThrow('sealed')
    }
    expect(() => opener.open(sealed, Buffer.from('another head'))).toThrow('sealed otherwise')
    expect(() => opener.open(sealed.subarray(0, SEAL_BYTES - 1), HEAD)).toThrow('cut off')
    // What was refused did not count.
    expect(opener.open(sealed, HEAD).toString()).toBe('an order')
  })

  it('is opened once, whatever a broker drops, doubles, delays and makes up', () => {
    const moves = fc.array(fc.record({
      what: fc.constantFrom('send', 'again', 'drop', 'garbage', 'altered'), which: fc.nat(), bytes: fc.uint8Array()
    }), { maxLength: 60 })
    fc.assert(fc.property(moves, played => {
      const { seal, opener } = pair()
      const sealed: Buffer[] = []
      const opened: string[] = []
      const give = (bytes: Buffer): void => {
        try {
          opened.push(opener.open(bytes, HEAD).toString())
        } catch {
          // It is refused.
        }
      }
      for (const { what, which, bytes } of played) {
        if (what === 'send' || what === 'drop') sealed.push(seal.seal(Buffer.from(String(sealed.length)), HEAD))
        const { [which % Math.max(1, sealed.length)]: any } = sealed
        if (what === 'send') give(sealed[sealed.length - 1])
        else if (what === 'garbage') give(Buffer.from(bytes))
        else if (what === 'again' && any !== undefined) give(any)
        else if (what === 'altered' && any !== undefined) give(Buffer.concat([any, Buffer.from(bytes), Buffer.of(1)]))
      }
      const numbers = opened.map(Number)
      expect(numbers).toEqual([...new Set(numbers)].sort((one, other) => one - other))
      for (const number of numbers) expect(number).toBeLessThan(sealed.length)
    }))
  })
})

describe('two sides that shake hands', () => {
  const A: Side = { node: 'a', session: 's.1' }
  const B: Side = { node: 'b', session: 't.4' }

  it('get a key for each direction, which both know', () => {
    const [one, other] = [new Handshake(), new Handshake()]
    const [ofOne, ofOther] = [one.agree(other.offer, A, B), other.agree(one.offer, B, A)]
    const there = ofOne.outbound.seal(Buffer.from('there'), HEAD)
    expect(() => ofOne.inbound.open(there, HEAD)).toThrow('sealed otherwise')
    expect(ofOther.inbound.open(there, HEAD).toString()).toBe('there')
    expect(ofOne.inbound.open(ofOther.outbound.seal(Buffer.from('back'), HEAD), HEAD).toString()).toBe('back')
  })

  it.each<[string, Side, Side]>([
    ['the sender', { ...A, node: 'c' }, B], ['the receiver', A, { ...B, node: 'c' }],
    ['the session of the sender', { ...A, session: 's.2' }, B],
    ['the session of the receiver', A, { ...B, session: 't.5' }]
  ])('get different keys when a broker swaps %s', (_what, from, to) => {
    const [one, other] = [new Handshake(), new Handshake()]
    const sealed = one.agree(other.offer, A, B).outbound.seal(Buffer.from('there'), HEAD)
    expect(() => other.agree(one.offer, to, from).inbound.open(sealed, HEAD)).toThrow('sealed otherwise')
  })

  it('share nothing with what earlier sessions of the same sides had', () => {
    const [one, other, later] = [new Handshake(), new Handshake(), new Handshake()]
    const sealed = one.agree(other.offer, A, B).outbound.seal(Buffer.from('there'), HEAD)
    expect(() => later.agree(one.offer, B, A).inbound.open(sealed, HEAD)).toThrow('sealed otherwise')
  })

  it.each([
    undefined, null, 7, '', 'short', 'x'.repeat(44), '-'.repeat(42), Buffer.alloc(32).toString('base64url'),
    Buffer.from([1, ...Buffer.alloc(31)]).toString('base64url')
  ])('refuse %p in the place of a key', offer => {
    expect(() => new Handshake().agree(offer, A, B)).toThrow('an introduction')
  })
})

describe('an introduction', () => {
  const ofSecret = (...secrets: string[]): Introductions => new Introductions(new KeyRing(secrets))

  it('is read by nodes that accept its secret, beside what it was sealed beside', () => {
    const sealed = ofSecret(SECRET).seal('a hello', 'mesh.hello.default')
    for (const reader of [ofSecret(SECRET), ofSecret(OTHER, SECRET)]) {
      expect(reader.open(sealed, 'mesh.hello.default')).toMatchObject({ text: 'a hello' })
    }
    expect(ofSecret(OTHER).open(sealed, 'mesh.hello.default')).toMatchObject({ rejected: 'foreignHello' })
    expect(ofSecret(SECRET).open(sealed, 'mesh.hello.other')).toEqual({ rejected: 'forgedHello' })
  })

  it('is refused when it was altered or cut off, and never throws', () => {
    const introductions = ofSecret(SECRET)
    const sealed = introductions.seal('a hello', '')
    for (let length = 0; length < sealed.length; length++) {
      expect(introductions.open(sealed.subarray(0, length), '')).toHaveProperty('rejected')
    }
    fc.assert(fc.property(fc.uint8Array(), fc.nat(7), (bytes, kept) => {
      const forged = Buffer.concat([sealed.subarray(0, kept), Buffer.from(bytes)])
      expect(introductions.open(forged, '')).toHaveProperty('rejected')
    }))
  })

  it('has names that tell nobody without the secret what they stand for, while nodes replace it', () => {
    const [before, during, after] = [ofSecret(SECRET), ofSecret(OTHER, SECRET), ofSecret(OTHER)]
    const token = before.nameToken('users/:id/todos')
    expect(token).toMatch(/^[\da-f]{32}$/)
    expect(during.nameToken('users/:id/todos')).toBe(after.nameToken('users/:id/todos'))
    expect(during.nameTokens('users/:id/todos')).toContain(token)
    expect(after.nameTokens('users/:id/todos')).not.toContain(token)
  })
})
