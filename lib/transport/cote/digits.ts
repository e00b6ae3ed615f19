const [ZERO, NINE] = Buffer.from('09')
/** Digits of a number that needs no more than 53 bits. */
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
