const [ZERO, NINE] = Buffer.from('09')
/** The most digits of a number that is written, and of one that is certain to fit into 53 bits. */
export const MAX_DIGITS = 16
const SAFE_DIGITS = 15
/** Digits above these are written by themselves: division of numbers beyond 32 bits takes many times as long. */
const HIGH = 1e9
const HIGH_DIGITS = 9

/** Whether a byte is an ASCII digit. */
export function isDigit (byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE
}

/** Reads a whole number without creating a string. Undefined for bytes that JSON would not write for one. */
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

/** Writes a whole number of at least 0 without creating a string. Returns the number of its digits. */
export function writeDigits (number: number, buffer: Buffer, start: number): number {
  if (number < HIGH) return writeShort(number | 0, buffer, start)
  const high = Math.floor(number / HIGH)
  const digits = writeShort(high | 0, buffer, start)
  writeLow(number - high * HIGH | 0, HIGH_DIGITS, buffer, start + digits)
  return digits + HIGH_DIGITS
}

/** Writes a number of fewer than ten digits. */
function writeShort (number: number, buffer: Buffer, start: number): number {
  let digits = 1
  for (let power = 10; power <= number; power *= 10) digits++
  writeLow(number, digits, buffer, start)
  return digits
}

/** Writes the last digits of a number of 32 bits. */
function writeLow (number: number, digits: number, buffer: Buffer, start: number): void {
  let rest = number
  for (let offset = start + digits - 1; offset >= start; offset--) {
    const tenth = rest / 10 | 0
    buffer[offset] = ZERO + rest - 10 * tenth
    rest = tenth
  }
}
