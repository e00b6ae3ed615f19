/** A process with one node, for what it takes until a mesh is complete. */
import { subscribe } from 'node:diagnostics_channel'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { DistributedModule } from 'feathers-mesh'
import { obey } from '../../processes/obey'
import { cpuTime, sharedNow } from '../../processes/usage'
import type { NodePlace } from './ways'

export interface StartSettings extends NodePlace {
  /** Tells its paths, and its key, from those of other nodes; undefined for equal replicas. */
  readonly index?: number
  readonly services: number
}

/** What a node is to see: itself and others, and the services of all of them. */
export interface Sight {
  readonly nodes: number
  readonly services: number
  readonly patience: number
}

export interface NodeUsage {
  readonly cpu: number
  /** Connections that the process has opened. */
  readonly dials: number
  /** Bytes of memory: what it has alone, and its share of what it has together with others. */
  readonly memory: number
}

/** A service, as it is called. */
interface Readable {
  get (id: string): Promise<unknown>
}

/** How often a node looks whether it sees all. */
const LOOK = 50

let mesh: DistributedModule | undefined
let dials = 0
subscribe('net.client.socket', () => { dials++ })

function theMesh (): DistributedModule {
  if (mesh === undefined) throw new Error('the node was not started')
  return mesh
}

/** Reading the services of all nodes takes long, so it is done when all nodes are there. */
function sees ({ nodes, services }: Sight): boolean {
  const known = theMesh().nodes()
  if (known.length < nodes || known.some(node => node.services.length === 0)) return false
  return theMesh().services().length >= services
}

function memory (): number {
  const kilobytes = /^Pss:\s+(\d+)/m.exec(readFileSync('/proc/self/smaps_rollup', 'utf8'))?.[1]
  return Number(kilobytes) * 1_024
}

obey({
  start: async ({ discovery, listen, port, environment, index, services }: StartSettings) => {
    const name = index === undefined ? 'replica' : `node-${index}`
    mesh = DistributedModule.forRoot({
      key: name, discovery, insecure: true, cote: { port, environment }, ...listen === undefined ? {} : { listen }
    })
    for (let n = 0; n < services; n++) {
      mesh.app.use(`${name}/service-${n}`, { find: async () => [], get: async (id: unknown) => ({ id }) })
    }
    await mesh.start()
  },
  /** Waits until the node sees all. Returns when it did; null where it lost its patience. */
  see: async (sight: Sight) => {
    const end = performance.now() + sight.patience
    while (!sees(sight) && performance.now() < end) await delay(LOOK)
    return sees(sight) ? sharedNow() : null
  },
  /** Calls a service. Returns when it had answered. */
  call: async (path: string) => {
    await theMesh().remote<Readable>(path).get('1')
    return sharedNow()
  },
  usage: (): NodeUsage => ({ cpu: cpuTime(), dials, memory: memory() })
})
