import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below those that the system gives to outgoing connections: one of them could take a port before it is used. */
const FIRST_PORT = 20_000
/** Workers ask for ports at the same time, and use them a moment later: up to so many have ports of their own. */
const WORKERS = 8
const PORTS_OF_WORKER = 1_500

const given = new Set<number>()

/** A port of loopback that was free a moment ago, and that nobody here was given before. */
export async function freePort (): Promise<number> {
  const server = createServer()
  const first = FIRST_PORT + Number(process.env.JEST_WORKER_ID ?? 0) % WORKERS * PORTS_OF_WORKER
  for (;;) {
    const port = first + Math.floor(Math.random() * PORTS_OF_WORKER)
    if (given.has(port)) continue
    given.add(port)
    const listening = once(server, 'listening')
    server.listen(port, '127.0.0.1')
    if (!await listening.then(() => true, () => false)) continue
    server.close()
    await once(server, 'close')
    return port
  }
}
