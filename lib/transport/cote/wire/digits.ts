const [ZERO, NINE] = Buffer.from('09')
/** Digits that a number has at most, and of those that need no more than 53 bits for certain. */
export const MAX_DIGITS = 16
const SAFE_DIGITS = 15

export function isDigit (byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE
}

/**
 * Reads a whole number without making a text of it; undefined for what is none, or is not written as JSON writes it.
 */
export function readDigits (buffer: Buffer, start: number, end: number): number | undefined {
  const digits = end - start
  if (digits < 1 || digits > SAFE_DIGITS || (buffer[start] === ZERO && digits > 1)) return undefined
  let number = 0
  for (let offset = start; offset < end; offset++) {
    const digit = buffer[offset]
    if (!isDigit(digit)) return undefined
    number = 10 * number + digit - ZERO
  }
  return number
}

/** Writes a whole number from 0 without making a text of it; returns how many digits it has. */
export function writeDigits (number: number, buffer: Buffer, start: number): number {
  let digits = 1
  for (let power = 10; power <= number; power *= 10) digits++
  let rest = number
  for (let offset = start + digits - 1; offset >= start; offset--) {
    const digit = rest % 10
    buffer[offset] = ZERO + digit
    rest = (rest - digit) / 10
  }
  return digits
}
