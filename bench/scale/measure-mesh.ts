import { setTimeout as delay } from 'node:timers/promises'
import { Child } from '../processes/child'
import { newPlace } from '../processes/pair'
import { median } from '../report/statistics'
import type { OpenSockets } from './open-sockets'
import type { ScaleSystem } from './scale-systems'

export interface MeshSize {
  readonly nodes: number
  readonly services: number
  /** Nodes that share a process. */
  readonly nodesPerProcess: number
}

export interface Pace {
  /** Milliseconds until a mesh is taken for one that never sees all. */
  readonly patience: number
  /** Milliseconds that it has to come to rest. */
  readonly settle: number
  /** Milliseconds for which it is watched at rest. */
  readonly watch: number
}

/** One mesh; all figures are per node, and medians of its nodes, but for the time and the packets of all. */
export interface MeshFigures extends MeshSize {
  readonly system: ScaleSystem
  /** Milliseconds from the start of all nodes until all of them see all services; null when they never do. */
  readonly allSeeAll: number | null
  readonly startSent: number
  readonly startReceived: number
  readonly tcpAtStart: number
  readonly tcp: number
  readonly udp: number
  /** Discovery packets of all nodes together, per second, at rest. */
  readonly sent: number
  readonly received: number
  /** Bytes of memory, and those that Feathers alone takes for the same services. */
  readonly memory: number
  readonly feathersMemory: number
  /** Share of one core, at rest. */
  readonly cpu: number
}

interface Usage {
  readonly cpu: number
  readonly sent: number
  readonly received: number
}

const sum = (figures: readonly number[]): number => figures.reduce((total, figure) => total + figure, 0)

async function all<T> (children: readonly Child[], name: string, argument: unknown = null): Promise<T[]> {
  return await Promise.all(children.map(async child => await child.ask<T>(name, argument)))
}

export async function measureMesh (system: ScaleSystem, size: MeshSize, pace: Pace): Promise<MeshFigures> {
  const { nodes, services, nodesPerProcess } = size
  const processes = Math.ceil(nodes / nodesPerProcess)
  const children = Array.from({ length: processes }, () => new Child('scale/node'))
  // As old as the others when its memory is measured.
  const feathers = new Child('scale/node')
  try {
    await all<Usage>(children, 'usage')
    await start([feathers], 'feathers', { ...size, nodes: nodesPerProcess })
    const begin = performance.now()
    await start(children, system, size)
    const seen = await all<number>(children, 'see', { services: (nodes - 1) * services, patience: pace.patience })
    const allSeeAll = seen.every(count => count >= (nodes - 1) * services) ? performance.now() - begin : null
    const atStart = await all<Usage>(children, 'usage')
    const socketsAtStart = await all<OpenSockets>(children, 'sockets')
    await delay(pace.settle)
    const before = await all<Usage>(children, 'usage')
    await delay(pace.watch)
    const after = await all<Usage>(children, 'usage')
    const sockets = await all<OpenSockets>(children, 'sockets')
    const rate = (figure: keyof Usage): number => (sumOf(after, figure) - sumOf(before, figure)) / pace.watch * 1_000
    const perNode = (figures: readonly number[]): number => median(figures) / nodesPerProcess
    return {
      ...size,
      system,
      allSeeAll,
      startSent: sumOf(atStart, 'sent'),
      startReceived: sumOf(atStart, 'received'),
      tcpAtStart: perNode(socketsAtStart.map(({ tcp }) => tcp)),
      tcp: perNode(sockets.map(({ tcp }) => tcp)),
      udp: perNode(sockets.map(({ udp }) => udp)),
      sent: rate('sent'),
      received: rate('received'),
      cpu: rate('cpu') / 1e6 / nodes,
      memory: perNode(await all<number>(children, 'memory')),
      feathersMemory: await feathers.ask<number>('memory') / nodesPerProcess
    }
  } finally {
    await Promise.all([...children, feathers].map(async child => await child.kill()))
  }
}

const sumOf = (usages: readonly Usage[], figure: keyof Usage): number => sum(usages.map(usage => usage[figure]))

/** All at once: nobody has started before the last one is told to. */
async function start (children: readonly Child[], system: ScaleSystem, size: MeshSize): Promise<void> {
  const { port, name } = newPlace()
  await Promise.all(children.map(async (child, at) => {
    const first = at * size.nodesPerProcess
    const count = Math.min(size.nodesPerProcess, size.nodes - first)
    const nodes = Array.from({ length: count }, (_, n) => ({ port, name, index: first + n, services: size.services }))
    await child.ask('start', { system, nodes })
  }))
}
