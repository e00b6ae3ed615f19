import type { Writable } from 'node:stream'

/** Whether a socket is one of TLS: what is written there waits a turn of the event loop for the write before it. */
export function isEncrypted (socket: Writable): boolean {
  return 'encrypted' in socket
}
