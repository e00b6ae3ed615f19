import { subscribe } from 'node:diagnostics_channel'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
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

/** Milliseconds between two looks whether a node sees all, at least, and for each node: all nodes look. */
const LOOK = 50
const LOOK_OF_NODE = 1

/** Watches the process of a node, whatever system the node is of. */
export class NodeWatch {
  private dials = 0

  constructor () {
    subscribe('net.client.socket', () => { this.dials++ })
  }

  get usage (): NodeUsage {
    const kilobytes = /^Pss:\s+(\d+)/m.exec(readFileSync('/proc/self/smaps_rollup', 'utf8'))?.[1]
    return { cpu: cpuTime(), dials: this.dials, memory: Number(kilobytes) * 1_024 }
  }

  /** Waits until the node sees all. Returns when it did; null where it lost its patience. */
  async until (sees: () => boolean, { nodes, patience }: Sight): Promise<number | null> {
    const end = performance.now() + patience
    while (!sees() && performance.now() < end) await delay(Math.max(LOOK, LOOK_OF_NODE * nodes))
    return sees() ? sharedNow() : null
  }
}
