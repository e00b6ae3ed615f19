import { setTimeout as delay } from 'node:timers/promises'
import { Child } from '../processes/child'
import { newPlace } from '../processes/pair'
import type { SystemName } from '../systems/systems'
import type { Figures } from './measurement'
import type { LoneWork } from './work-types'

const MEMORY = 'idle memory'
const CPU = 'idle cpu'

/** What a node that hosts one service costs while nobody calls it, over a Feathers app with the same service. */
export const idle: LoneWork = {
  name: 'idle',
  atOnce: true,
  rows: [
    { figure: MEMORY, title: 'memory of an idle node over Feathers alone', unit: 'MB' },
    { figure: CPU, title: 'CPU of an idle node', unit: '%' }
  ],

  async measure (system: SystemName, { idle: milliseconds }): Promise<Figures> {
    const [node, feathers] = await Promise.all([cost(system, milliseconds), cost('feathers', milliseconds)])
    return { [MEMORY]: (node.memory - feathers.memory) / 1e6, [CPU]: node.cpu }
  }
}

async function cost (system: SystemName, milliseconds: number): Promise<{ memory: number, cpu: number }> {
  const child = new Child('processes/node')
  try {
    await child.ask('load', { system, place: newPlace() })
    await child.ask('host')
    await delay(1_000)
    const before = await child.ask<number>('cpu')
    await delay(milliseconds)
    const cpu = await child.ask<number>('cpu') - before
    return { memory: await child.ask<number>('memory'), cpu: cpu / 1_000 / milliseconds * 100 }
  } finally {
    await child.kill()
  }
}
