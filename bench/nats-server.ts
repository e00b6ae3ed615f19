/** The nats-server that systems on NATS meet on: one process of this machine, for all of them. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { LOOPBACK } from './systems/system'

/** The variable by which the processes of a run learn its URL. */
const VARIABLE = 'BENCH_NATS'
const STARTED_MS = 10_000

/** Where the server of this run is. */
export function natsUrl (): `nats://${string}` {
  const { [VARIABLE]: url } = process.env
  if (url?.startsWith('nats://') !== true) throw new Error('this system needs a nats-server, and none was started')
  return `nats://${url.slice('nats://'.length)}`
}

/** Starts a server if any of these systems needs one; returns what ends it. */
export async function startNats (systems: readonly string[]): Promise<() => void> {
  if (!systems.some(name => name.includes('nats'))) return () => {}
  const port = await freePort()
  const server = spawn('nats-server', ['-a', LOOPBACK, '-p', String(port)], { stdio: 'ignore' })
  const failed = once(server, 'error').then(([error]) => { throw error })
  failed.catch(() => {})
  process.env[VARIABLE] = `nats://${LOOPBACK}:${port}`
  await Promise.race([listens(port), failed])
  return () => { server.kill() }
}

async function listens (port: number): Promise<void> {
  const end = performance.now() + STARTED_MS
  for (;;) {
    const socket = connect(port, LOOPBACK)
    const isThere = await once(socket, 'connect').then(() => true, () => false)
    socket.destroy()
    if (isThere) return
    if (performance.now() > end) throw new Error('nats-server does not listen')
    await delay(20)
  }
}

async function freePort (): Promise<number> {
  const server = createServer().listen(0, LOOPBACK)
  await once(server, 'listening')
  // Listening on a port, it has an address.
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}
