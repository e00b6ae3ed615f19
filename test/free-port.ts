import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below those that the system gives to outgoing connections: one of them could take a port before it is used. */
const FIRST_PORT = 20_000
const PORTS = 12_000

/** A port of loopback that was free a moment ago. */
export async function freePort (): Promise<number> {
  const server = createServer()
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS)
    const listening = once(server, 'listening')
    server.listen(port, '127.0.0.1')
    if (!await listening.then(() => true, () => false)) continue
    server.close()
    await once(server, 'close')
    return port
  }
}
