/** How the nodes of a mesh find each other, and the servers that this takes. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { newPlace } from '../../processes/pair'
import { BROADCAST } from '../../systems/system'

/** What a node is told of where it is. */
export interface NodePlace {
  readonly discovery: string
  /** Undefined where others find its address by its hellos. */
  readonly listen?: string
  /** The port of UDP packets. */
  readonly port: number
  readonly environment: string
}

/** A way that is ready: the place of each node by its number, and what ends its server. */
export interface ReadyWay {
  readonly placeOf: (node: number) => NodePlace
  readonly end: () => Promise<void>
}

const NAME = 'nodes.mesh.test'
const ADDRESSES_PER_BLOCK = 250
/** Milliseconds between two looks whether a server answers. */
const LOOK = 20

const addressOf = (node: number): string =>
  `127.0.${1 + Math.floor(node / ADDRESSES_PER_BLOCK)}.${1 + node % ADDRESSES_PER_BLOCK}`

async function broadcast (): Promise<ReadyWay> {
  const { port, name } = newPlace()
  return { placeOf: () => ({ discovery: `broadcast://${BROADCAST}`, port, environment: name }), end: async () => {} }
}

/** All nodes list all of them. */
async function staticList (nodes: number): Promise<ReadyWay> {
  const { port, name } = newPlace()
  const discovery = `static://${Array.from({ length: nodes }, (_, node) => `${addressOf(node)}:${port}`).join(',')}`
  return {
    placeOf: node => ({ discovery, listen: `${addressOf(node)}:${port}`, port, environment: name }),
    end: async () => {}
  }
}

async function redis (): Promise<ReadyWay> {
  const { port, name } = newPlace()
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '']
  const server = spawn('redis-server', options, { stdio: 'ignore' })
  await answers(port)
  return {
    placeOf: node => ({
      discovery: `redis://127.0.0.1:${port}`, listen: addressOf(node), port: port + 1, environment: name
    }),
    end: async () => await end(server)
  }
}

async function dns (nodes: number): Promise<ReadyWay> {
  const { port, name } = newPlace()
  const folder = mkdtempSync(join(tmpdir(), 'feathers-mesh-scale-'))
  const hosts = join(folder, 'hosts')
  writeFileSync(hosts, Array.from({ length: nodes }, (_, node) => `${addressOf(node)} ${NAME}\n`).join(''))
  const server = spawn('dnsmasq', [
    '--keep-in-foreground', '--conf-file=/dev/null', `--port=${port}`, '--listen-address=127.0.0.1', '--bind-interfaces',
    '--no-resolv', '--no-hosts', '--local=/test/', `--addn-hosts=${hosts}`, '--user=', '--pid-file='
  ], { stdio: 'ignore' })
  await answers(port)
  const discovery = `dns://${NAME}:${port + 1}?server=127.0.0.1:${port}`
  return {
    placeOf: node => ({ discovery, listen: addressOf(node), port: port + 2, environment: name }),
    end: async () => {
      await end(server)
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

/** Resolves when something listens at a port of this machine. */
async function answers (port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1')
    const isThere = await once(socket, 'connect').then(() => true, () => false)
    socket.destroy()
    if (isThere) return
    await delay(LOOK)
  }
}

async function end (server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  server.kill('SIGKILL')
  await once(server, 'exit')
}

export const WAYS = { broadcast, redis, dns, static: staticList } satisfies
  Readonly<Record<string, (nodes: number) => Promise<ReadyWay>>>

export type WayName = keyof typeof WAYS
