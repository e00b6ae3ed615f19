/** One process of the scale bench: one node, or several. */
import { setTimeout as delay } from 'node:timers/promises'
import { obey } from '../processes/obey'
import { cpuTime, residentMemory } from '../processes/usage'
import { openSockets } from './open-sockets'
import { SCALE_SYSTEMS, type NodeSettings, type ScaleSystem } from './scale-systems'
import { UdpPackets } from './udp-packets'

const packets = new UdpPackets()
const counts: Array<() => number> = []

/** How often a node looks whether it sees all. */
const LOOK = 20

obey({
  start: async ({ system, nodes }: { system: ScaleSystem, nodes: readonly NodeSettings[] }) => {
    for (const settings of nodes) counts.push(await SCALE_SYSTEMS[system](settings))
  },
  /** Waits until its nodes know so many services of others; gives the fewest that one knows. */
  see: async ({ services, patience }: { services: number, patience: number }) => {
    const end = performance.now() + patience
    const fewest = (): number => Math.min(...counts.map(count => count()))
    while (fewest() < services && performance.now() < end) await delay(LOOK)
    return fewest()
  },
  usage: () => ({ cpu: cpuTime(), sent: packets.sent, received: packets.received }),
  memory: residentMemory,
  sockets: openSockets
})
