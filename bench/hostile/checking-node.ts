/** One process that checks data of strangers. */
import type * as Mesh from 'feathers-mesh'
import { createRequire } from 'node:module'
import { setImmediate as turn } from 'node:timers/promises'
import { obey } from '../processes/obey'
import { Checked, DATA } from './checked'

/** What checking some data took, in milliseconds. */
export interface CheckMeasured {
  readonly whole: number
  /** The longest time in which nothing else ran. */
  readonly stop: number
  readonly outcome: string
}

const ROUNDS = 3

/** A service of this process, whose callers here pass the same rules as those elsewhere. */
async function serve (): Promise<Mesh.DistributedModule> {
  const mesh = createRequire(__filename)('feathers-mesh') as typeof Mesh
  class Checks {
    async create (data: Checked | Checked[]): Promise<string> { return Array.isArray(data) ? 'list' : 'one' }
  }
  const create = Object.getOwnPropertyDescriptor(Checks.prototype, 'create')
  mesh.DistributedMethod({ data: Checked })(Checks.prototype, 'create', create as TypedPropertyDescriptor<never>)
  mesh.Distributed('checks')(Checks)
  const node = mesh.DistributedModule.forRoot({ transport: new mesh.MemoryNetwork().transport(), services: [Checks] })
  await node.start()
  return node
}

/** Looks at each turn of the event loop how long the last one was. */
async function watch (act: () => Promise<string>): Promise<CheckMeasured> {
  const start = performance.now()
  let last = start
  let stop = 0
  let outcome: string | undefined
  const done = act().then(text => { outcome = text })
  const look = (): void => {
    const now = performance.now()
    stop = Math.max(stop, now - last)
    last = now
  }
  while (outcome === undefined) {
    await turn()
    look()
  }
  await done
  return { whole: performance.now() - start, stop, outcome }
}

async function outcomeOf (act: () => Promise<unknown>): Promise<string> {
  try {
    return `taken as ${String(await act())}`
  } catch (error) {
    return `refused: ${(error as Error).message.slice(0, 80)}`
  }
}

obey({
  measure: async ({ name, length }: { name: string, length: number }): Promise<CheckMeasured> => {
    const node = await serve()
    const checks = node.app.service('checks') as { create (data: unknown): Promise<unknown> }
    const data = DATA[name]?.(length)
    const all: CheckMeasured[] = []
    for (let round = 0; round < ROUNDS; round++) {
      all.push(await watch(async () => await outcomeOf(async () => await checks.create(data))))
    }
    await node.stop()
    // Other programs only ever add to it.
    return all.reduce((best, each) => each.stop < best.stop ? each : best)
  }
})
