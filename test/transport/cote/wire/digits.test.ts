import fc from 'fast-check'
import { MAX_DIGITS, readDigits, writeDigits } from '../../../../lib/transport/cote/wire/digits'

const power = fc.nat(15).map(exponent => 10 ** exponent)
const whole = fc.oneof(fc.nat(), fc.maxSafeNat(), power, power.map(number => number - 1))

describe('digits in a buffer', () => {
  it('are written as String writes them, without touching the bytes around them', () => {
    fc.assert(fc.property(whole, number => {
      const buffer = Buffer.alloc(MAX_DIGITS + 2, '.')
      const digits = writeDigits(number, buffer, 1)
      expect(buffer.toString()).toBe(`.${number}`.padEnd(buffer.length, '.'))
      expect(digits).toBe(String(number).length)
    }), { numRuns: 1_000 })
  })

  it('are read as a number when every number of that length is exact', () => {
    fc.assert(fc.property(whole, number => {
      const text = String(number)
      expect(readDigits(Buffer.from(`1${text}1`), 1, 1 + text.length)).toBe(text.length < MAX_DIGITS ? number : undefined)
    }), { numRuns: 1_000 })
  })

  it.each([
    '', '00', '01', '-1', '1.5', '1e3', ' 1', '1 ', '0x1', 'a', '/', ':'
  ])('are not read as a number from %j', text => {
    expect(readDigits(Buffer.from(text), 0, Buffer.byteLength(text))).toBeUndefined()
  })
})
