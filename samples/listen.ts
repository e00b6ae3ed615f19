import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fail } from './process'

/** Listens on `PORT` (0 means any free one) at `HOST`, by default only for this machine. Returns the URL. */
export async function listen (server: Server): Promise<string> {
  const port = Number(process.env.PORT ?? 3030)
  server.listen(port, process.env.HOST ?? '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    fail(`Port ${port} is in use. Choose another one by the variable PORT, for example PORT=${port + 10}`)
  }
  return `http://localhost:${(server.address() as AddressInfo).port}`
}
