import type { Socket } from 'node:net'

/** Characters of the longest line. */
export const MAX_LINE = 64 * 1024 * 1024

/** Calls back with each line that is a JSON list. What is none, or too long, ends the connection. */
export function readLines (socket: Socket, maxLength: number, onLine: (line: unknown[]) => void): void {
  let rest = ''
  socket.setEncoding('utf8').on('error', () => {}).on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    try {
      for (const text of lines) {
        const line: unknown = JSON.parse(text)
        if (!Array.isArray(line)) throw new TypeError('a line that is no list')
        onLine(line)
      }
      if (rest.length > maxLength) throw new RangeError('a line that is too long')
    } catch {
      socket.destroy()
    }
  })
}

/** Sends a line. */
export function writeLine (socket: Socket, ...line: unknown[]): void {
  if (socket.writable) socket.write(`${JSON.stringify(line)}\n`)
}
