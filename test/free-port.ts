import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below those that the system gives to outgoing connections: one of them could take a port before it is used. */
const FIRST_PORT = 20_000
/** Workers that run at the same time have ports of their own: each asks for some, and uses them a moment later. */
const WORKERS = 4
const PORTS_OF_WORKER = 3_000

const given = new Set<number>()

/** A port of loopback that was free a moment ago, and that nobody here was given before. */
export async function freePort (): Promise<number> {
  const server = createServer()
  for (;;) {
    const worker = Number(process.env.JEST_WORKER_ID ?? 0) % WORKERS
    const port = FIRST_PORT + worker * PORTS_OF_WORKER + Math.floor(Math.random() * PORTS_OF_WORKER)
    if (given.has(port)) continue
    const listening = once(server, 'listening')
    server.listen(port, '127.0.0.1')
    if (!await listening.then(() => true, () => false)) continue
    server.close()
    await once(server, 'close')
    given.add(port)
    return port
  }
}
