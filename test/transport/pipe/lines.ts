import type { Socket } from 'node:net'

/** Characters of the longest line. */
export const MAX_LINE = 64 * 1024 * 1024

/** Calls back with each line that is a JSON list. What is none, or too long, ends the connection. */
export function readLines (socket: Socket, maxLength: number, onLine: (line: unknown[]) => void): void {
  // A long line comes in very many chunks: putting each behind all others would take the square of its length.
  let parts: string[] = []
  let length = 0
  socket.setEncoding('utf8').on('error', () => {}).on('data', (chunk: string) => {
    const [end, ...begun] = chunk.split('\n')
    parts.push(end)
    length += end.length
    try {
      for (const part of begun) {
        const line: unknown = JSON.parse(parts.join(''))
        parts = [part]
        length = part.length
        if (!Array.isArray(line)) throw new TypeError('a line that is no list')
        onLine(line)
      }
      if (length > maxLength) throw new RangeError('a line that is too long')
    } catch {
      socket.destroy()
    }
  })
}

/** Sends a line. */
export function writeLine (socket: Socket, ...line: unknown[]): void {
  if (socket.writable) socket.write(`${JSON.stringify(line)}\n`)
}
